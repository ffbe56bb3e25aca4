import type { Fact } from "../../findings/finding.ts";
import type { Environment } from "../environment.ts";
import type { Operation, OperationKind } from "../operation.ts";

export interface EffectContext {
  /** False under a condition that nobody knows: what was there before may still be so. */
  readonly sure: boolean;
  /** `YYYY-MM-DD`: what `latest` means. */
  readonly asOf: string;
}

/** What one kind of operation makes of an environment. */
export type Effect<K extends OperationKind> = (operation: Extract<Operation, { kind: K }>, environment: Environment, context: EffectContext) => Environment;

/** With something that nobody knows about builders, contexts or stores. */
export const withDoubt = (environment: Environment, fact: Fact): Environment => ({ ...environment, doubts: [...environment.doubts, fact] });

/** For an operation under a condition: its place, and that it may not have happened. */
export const maybe = (what: string, { place }: Operation): Fact => ({ sentence: `${what}, perhaps: under a condition that nobody knows`, place });
