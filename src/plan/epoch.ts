import { ProblemError } from "../core/problem.ts";

/** 9999-12-31T23:59:59Z: the last second that the time of an image's config can be written in. */
const LATEST_EPOCH = 253_402_300_799;

/**
 * Reads SOURCE_DATE_EPOCH; an empty text means none.
 * @returns whole seconds since 1970
 * @throws {ProblemError} `usage`
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */
export function parseEpoch(text: string): number | undefined {
  if (text === "") return undefined;
  const seconds = Number(text);
  if (/^\+?\d+$/.test(text) && seconds <= LATEST_EPOCH) return seconds;
  throw new ProblemError("usage", {
    message: `SOURCE_DATE_EPOCH is "${text.slice(0, 80)}", which is no number of seconds since 1970`,
    hint: 'give whole seconds, such as "$(git log -1 --format=%ct)"',
  });
}
