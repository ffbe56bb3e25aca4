import { bytesText, durationText } from "./quantity.ts";

/** One request to the embedded registry, for a log. */
export function accessLineText(line: {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly bytes: number;
  readonly durationMs: number;
  readonly complete: boolean;
}): string {
  return `${line.method} ${line.url} ${line.status} ${bytesText(line.bytes)} ${durationText(line.durationMs)}${line.complete ? "" : " (client went away)"}`;
}
