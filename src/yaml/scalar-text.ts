import { parseYaml } from "./parse.ts";
import { entryOf, type ScalarStyle, type ScalarValue, type YamlNode } from "./tree.ts";

/** What must be escaped, which only double quotes can. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/u;
/** Texts that a reader of YAML 1.1 takes for something else, and ours does not: booleans, dates, numbers to the base 60 or with `_`. */
const ELSEWHERE_NO_TEXT =
  /^(?:yes|no|on|off|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?|0[bx][0-9a-f_]+|\d{4}-\d{1,2}-\d{1,2}.*)$/i;

export interface Writing {
  /** How it should be written if it can be; block styles count as plain here. */
  readonly style: ScalarStyle;
  /** What to quote with where plain does not do. */
  readonly quote: "single" | "double";
  /** Within braces or brackets. */
  readonly flow: boolean;
}

/** A value on one line, in the wanted style if that keeps its meaning, otherwise in quotes. */
export function scalarText(value: ScalarValue, writing: Writing): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value !== "string") return String(value);
  const quote = writing.style === "single" || writing.style === "double" ? writing.style : writing.quote;
  if (writing.style !== "single" && writing.style !== "double" && isPlain(value, writing.flow)) return value;
  return quote === "single" && !UNPRINTABLE.test(value) ? `'${value.replaceAll("'", "''")}'` : doubleQuoted(value);
}

/** A key: like a value, but `on` and its like are left alone. */
export function keyText(key: string, writing: Omit<Writing, "style">): string {
  const before = writing.flow ? `{${key}: 0}` : `${key}: 0`;
  if (key !== "" && !UNPRINTABLE.test(key) && standsFor(before, (root) => root.kind === "mapping" && root.entries[0]?.key.value === key)) return key;
  return scalarText(key, { ...writing, style: writing.quote });
}

/**
 * A text as a block scalar: its header, and its lines (each indented by `indent`); undefined when it cannot be written so.
 * What begins with a space, or ends with more than one line break, would want an indicator that people seldom know.
 */
export function blockText(value: string, style: "literal" | "folded", indent: string): { header: string; lines: string[] } | undefined {
  const body = value.endsWith("\n") ? value.slice(0, -1) : value;
  const lines = body.split("\n");
  if (lines.at(-1) === "" || lines[0] === "" || lines[0]?.startsWith(" ") || lines.some((line) => UNPRINTABLE.test(line.replaceAll("\t", ""))))
    return undefined;
  if (lines[0]?.startsWith("\t") || lines.some((line) => line !== "" && line.trim() === "")) return undefined;
  if (style === "folded" && lines.some((line) => /^[ \t]/.test(line))) return undefined;
  const written = style === "folded" ? body.replace(/\n+/g, "$&\n").split("\n") : lines;
  const header = `${style === "folded" ? ">" : "|"}${value.endsWith("\n") ? "" : "-"}`;
  return { header, lines: written.map((line) => (line === "" ? "" : indent + line)) };
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

function isPlain(text: string, flow: boolean): boolean {
  if (text === "" || UNPRINTABLE.test(text) || ELSEWHERE_NO_TEXT.test(text)) return false;
  const isText = (node: YamlNode | undefined): boolean => node?.kind === "scalar" && node.style === "plain" && node.value === text;
  return flow
    ? standsFor(`[${text}, 0]`, (root) => root.kind === "sequence" && root.items.length === 2 && isText(root.items[0]))
    : standsFor(`k: ${text}`, (root) => root.kind === "mapping" && isText(entryOf(root, "k")?.value));
}

function standsFor(text: string, test: (root: YamlNode) => boolean): boolean {
  const { root, comments, complaints } = parseYaml({ name: "-", text });
  return root !== undefined && comments.length === 0 && complaints.length === 0 && test(root);
}

function doubleQuoted(text: string): string {
  const escaped = (c: string): string => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}
