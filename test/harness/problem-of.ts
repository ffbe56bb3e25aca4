import { isProblem, type ProblemError } from "../../src/core/problem.ts";

/** The problem that an act throws. @throws what else it throws, or that it throws nothing */
export function problemOf(act: () => unknown): ProblemError {
  try {
    act();
  } catch (error) {
    return asProblem(error);
  }
  throw new Error("nothing was thrown");
}

/** The problem that a promise is rejected with. */
export async function rejectedWith(promise: Promise<unknown>): Promise<ProblemError> {
  try {
    await promise;
  } catch (error) {
    return asProblem(error);
  }
  throw new Error("nothing was thrown");
}

function asProblem(error: unknown): ProblemError {
  if (isProblem(error)) return error;
  throw error;
}
