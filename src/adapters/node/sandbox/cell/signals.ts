import { constants } from "node:os";

/** 0 for a name that the machine does not have. */
export function signalNumber(name: string): number {
  return (constants.signals as Readonly<Record<string, number>>)[name] ?? 0;
}
