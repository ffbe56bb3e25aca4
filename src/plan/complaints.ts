import { type Complaint, refuseErrors } from "../core/complaint.ts";
import { type ProblemCode, ProblemError } from "../core/problem.ts";
import { type Place, positionOf } from "../core/span.ts";

/** Gathers what is wrong with a Dockerfile while its evaluation goes on: the same thing said for several platforms is said once. */
export class ComplaintList {
  readonly #complaints = new Map<string, Complaint>();
  readonly #warnings = new Set<string>();

  error(place: Place, code: ProblemCode, message: string, hint?: string): void {
    const key = `${place.span.start} ${message}`;
    if (!this.#complaints.has(key)) this.#complaints.set(key, { code, severity: "error", message, hint, place });
  }

  /** Runs `work`; a problem that it throws becomes a complaint at `place`, and undefined comes back. Bugs pass through. */
  attempt<T>(place: Place, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.caught(place, error);
      return undefined;
    }
  }

  /** Notes a problem that was thrown; whatever is none is thrown on. `interrupted` is none: nobody's file is to blame. */
  caught(place: Place, error: unknown, hint?: string): void {
    if (!(error instanceof ProblemError) || error.code === "interrupted") throw error;
    this.error(place, error.code, error.message, hint ?? error.hint);
  }

  /** Notes something that stops nothing, with its line in front. */
  warn(place: Place | undefined, message: string): void {
    const where = place === undefined ? "" : `${place.file.name}:${positionOf(place.file, place.span.start).line}: `;
    this.#warnings.add(where + message);
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  /** @throws {ComplaintsError} every error so far, in file order */
  refuse(): void {
    refuseErrors([...this.#complaints.values()].sort((a, b) => a.place.span.start - b.place.span.start));
  }
}
