/** Bounds of what is walked. Beyond one of them the study is `cut`: it tells less, and says so. */

/** Ways through one job in one scenario and matrix row that differ by what is assumed. */
export const MOST_PATHS = 32;
/** Ways of one job, over scenarios and rows, that are really walked (scenarios that a job cannot tell apart share theirs). */
export const MOST_WALKS = 512;
/** Traces of one job, shared ones counted. */
export const MOST_TRACES = 4096;
/** Steps of one way, those of composite actions included. */
export const MOST_STEPS = 500;
/** Steps of a whole study. */
export const MOST_STUDY_STEPS = 200_000;
/** Composite actions within each other. Source: https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax, read 2026-11-22. */
export const DEEPEST_COMPOSITE = 10;
/** Workflows that call each other, the first included. Source: https://docs.github.com/en/actions/reference/limits, read 2026-11-22. */
export const DEEPEST_CALL = 10;
