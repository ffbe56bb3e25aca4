/** How much of a YAML file is read. A file that goes beyond one of them is complained about and gives no tree. */
export interface YamlLimits {
  /** UTF-16 units of the text. */
  readonly size: number;
  /** Collections within each other, aliases followed. The parser below us is recursive, and a stack that runs full can end the process. */
  readonly depth: number;
  /** Words, marks, spaces and line ends: what memory is spent on (about 400 bytes each). */
  readonly tokens: number;
  /** Nodes, when each alias counts as all that it stands for. */
  readonly expanded: number;
}

/** 10 MB; the longest of 207 real workflows has 64 kB. */
const LARGEST_FILE = 10 * 1024 * 1024;
/** GitHub's own reader stops at 50 levels (actions/runner, `ParseOptions.MaxDepth`, read 2026-11-22). */
const DEEPEST = 100;
const MOST_TOKENS = 1_000_000;
const MOST_EXPANDED = 1_000_000;

export const YAML_LIMITS: YamlLimits = { size: LARGEST_FILE, depth: DEEPEST, tokens: MOST_TOKENS, expanded: MOST_EXPANDED };
