import type { Clock } from "../../core/clock.ts";
import { ProblemError } from "../../core/problem.ts";
import { backoffMs } from "./backoff.ts";
import { RETRY_AFTER_LIMIT_MS } from "./limits.ts";

/** A failure that may be gone a little later. Never leaves the client: what leaves is `problem`. */
export class TemporaryFailure extends Error {
  override readonly name = "TemporaryFailure";
  readonly problem: ProblemError;
  readonly retryAfterMs: number | undefined;

  constructor(problem: ProblemError, retryAfterMs?: number) {
    super(problem.message, { cause: problem });
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface Patience {
  readonly clock: Clock;
  readonly random: () => number;
  readonly attempts: number;
}

/**
 * Waits as the server asks, or backs off.
 * @param attempt  how many tries have failed, from 1
 * @throws {ProblemError} the failure's own when no try is left; `registry-rate-limited` when the server asks for too long a wait
 */
export async function waitAfter(failure: TemporaryFailure, attempt: number, patience: Patience, signal?: AbortSignal): Promise<void> {
  const { problem, retryAfterMs } = failure;
  if (retryAfterMs !== undefined && retryAfterMs > RETRY_AFTER_LIMIT_MS) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    throw new ProblemError("registry-rate-limited", {
      message: `${problem.message}; it asks for a wait of ${seconds} s, and we wait for at most ${RETRY_AFTER_LIMIT_MS / 1000} s`,
      hint: problem.hint ?? `try again in ${seconds} s`,
      facts: { ...problem.facts, retryAfterSeconds: seconds },
      cause: problem,
    });
  }
  if (attempt >= patience.attempts) throw problem;
  const backoff = backoffMs(attempt, patience.random);
  await patience.clock.sleep(retryAfterMs === undefined ? backoff : Math.max(retryAfterMs, Math.min(backoff, 1000)), signal);
}

/**
 * Runs `deed` until it does not fail temporarily, or the tries are used up.
 * @throws {ProblemError} from the deed, or of its last temporary failure
 */
export async function withRetries<T>(deed: () => Promise<T>, patience: Patience, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await deed();
    } catch (error) {
      if (!(error instanceof TemporaryFailure)) throw error;
      await waitAfter(error, attempt, patience, signal);
    }
  }
}
