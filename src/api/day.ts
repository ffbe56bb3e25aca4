import type { Clock } from "../core/clock.ts";
import { ProblemError } from "../core/problem.ts";

/** A day as `YYYY-MM-DD`: the one given, or today in UTC. @throws {ProblemError} `usage` */
export function dayOf(given: string | undefined, clock: Clock): string {
  if (given === undefined) return new Date(clock.nowMs()).toISOString().slice(0, 10);
  const at = /^\d{4}-\d{2}-\d{2}$/.test(given) ? Date.parse(`${given}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(given)) return given;
  throw new ProblemError("usage", { message: `"${given}" is not a day`, hint: "write it as YYYY-MM-DD, such as 2026-02-10" });
}
