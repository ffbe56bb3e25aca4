/** Most characters of a line that are read; the rest of it is skipped. */
export const LINE_LIMIT = 16 * 1024;
/** The same for a line of JSON, such as those of `--progress=rawjson`, which hold many log lines. */
export const JSON_LINE_LIMIT = 1024 * 1024;
/** Most characters of a line that are kept to be shown. */
export const SHOWN_LIMIT = 400;
/** Most bytes of a log. */
export const LOG_LIMIT_BYTES = 1024 * 1024 * 1024;
/** Most steps, vertices and jobs that are remembered. */
export const REMEMBERED_LIMIT = 10_000;
/** Most lines that are shown of one failure. */
export const LINES_OF_FAILURE = 8;
/** Most characters of all inputs of one step that are kept. */
export const INPUTS_LIMIT = 64 * 1024;
