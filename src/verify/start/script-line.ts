/** What Linux makes of a first line that begins with `#!`. */
export type ScriptLine =
  | {
      readonly kind: "interpreter";
      readonly interpreter: string;
      /** Everything behind the interpreter's name, as one word; undefined when there is nothing. */
      readonly argument: string | undefined;
      /** The line ends in a carriage return, which belongs to the last word. */
      readonly carriageReturn: boolean;
    }
  /** The line names nobody, or its name does not end within the bytes that Linux reads: the file is no program. */
  | { readonly kind: "none" };

/** Bytes behind `#!` that Linux reads of a script (BINPRM_BUF_SIZE less two). */
export const SCRIPT_LINE_LIMIT = 254;

/** Scripts that run scripts, before Linux gives up. */
export const NESTED_SCRIPTS_LIMIT = 5;

/**
 * @param line  what stands behind `#!`
 * @see Linux fs/binfmt_script.c (load_script) of 6.1, read 2026-11-23
 */
export function readScriptLine(line: string): ScriptLine {
  const truncated = line.length >= SCRIPT_LINE_LIMIT;
  const [, interpreter = "", rest = ""] = /^[ \t]*([^ \t\0]*)([^\0]*)/.exec(line) ?? [];
  if (interpreter === "" || (truncated && rest === "")) return { kind: "none" };
  const argument = rest.replace(/^[ \t]+|[ \t]+$/g, "");
  return { kind: "interpreter", interpreter, argument: argument === "" ? undefined : argument, carriageReturn: /\r[ \t]*$/.test(line) };
}
