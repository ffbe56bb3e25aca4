import type { Refusal } from "../protocol.ts";

/** Why a program could not be started. */
export class CellRefusal extends Error {
  override readonly name = "CellRefusal";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}
