/** What we read of a hostile file. GitHub itself refuses workflows far smaller than these. */

/** UTF-16 units of one workflow or action file. */
export const LONGEST_FILE = 512 * 1024;
/** Collections within collections; GitHub stops at 50. */
export const DEEPEST_NESTING = 100;
/** Values and keys once every alias is written out. */
export const MOST_NODES = 200_000;
/** A file that is no workflow at all would be answered with one complaint a line. */
export const MOST_COMPLAINTS = 200;
/** Rows of one matrix. Source: https://docs.github.com/en/actions/reference/limits, read 2026-11-22. */
export const MOST_MATRIX_ROWS = 256;
/** Ways of starting one workflow that are told apart. */
export const MOST_SCENARIOS = 64;
