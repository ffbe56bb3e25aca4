import type { ProgramUser } from "../cell/user.ts";
import type { ProgramOrder, ProgramReport, Refusal } from "../protocol.ts";

/** What the warden tells the process that goes into a copied root and starts a program there. */
export interface ChrootOrder {
  /** Absolute. */
  readonly root: string;
  readonly arguments: readonly string[];
  readonly environment: readonly string[];
  readonly workdir: string;
  readonly user: ProgramUser;
  readonly platform: string;
  readonly ulimits: ProgramOrder["ulimits"];
}

/** What it answers, once. It stays until it is killed: what the program left behind becomes its child, and is found so. */
export type ChrootAnswer = { readonly report: ProgramReport } | { readonly refusal: Refusal };
