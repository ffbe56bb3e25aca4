import type { Habits } from "./habits.ts";
import { NO_PROPERTIES, type Outline, outlineOf, scalarOutline } from "./outline.ts";
import { parseYaml } from "./parse.ts";
import { blockText, keyText, scalarText } from "./scalar-text.ts";
import type { ScalarValue } from "./tree.ts";

/** What is put into a file, as plain data. */
export type PlainValue = ScalarValue | readonly PlainValue[] | { readonly [key: string]: PlainValue };

/** What is put into a file: plain data, laid out as the file is, or a text of YAML, which keeps its comments and layout and is only indented. */
export type Given = { readonly value: PlainValue } | { readonly yaml: string };

/** A node to be put in, without its indentation. */
export interface Rendered {
  /** `mapping` and `sequence` are those in block style, which stand on lines of their own; `inline` is all else, which begins behind its key or dash. */
  readonly shape: "mapping" | "sequence" | "inline";
  readonly lines: readonly string[];
  readonly outline: Outline;
}

/** Rendered, or why it cannot be. */
export function render(given: Given, habits: Habits): Rendered | { readonly refused: string } {
  if ("yaml" in given) return renderYaml(given.yaml);
  const { value } = given;
  const outline = plainOutline(value);
  return { shape: shapeOf(value), lines: blockLines(value, habits), outline };
}

/** On one line, as it must stand within braces or brackets. */
export function flowText(given: Given, habits: Habits): { readonly text: string; readonly outline: Outline } | { readonly refused: string } {
  if ("value" in given) return { text: flowValue(given.value, habits), outline: plainOutline(given.value) };
  const rendered = renderYaml(given.yaml);
  if ("refused" in rendered) return rendered;
  const [text] = rendered.lines;
  if (rendered.shape !== "inline" || rendered.lines.length !== 1 || text === undefined)
    return { refused: "within braces or brackets only one line can be put" };
  return { text, outline: rendered.outline };
}

/** Lines under or behind something, blank ones without trailing spaces. */
export function indented(lines: readonly string[], indent: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(indent) + line));
}

/** A key with what it holds, without its indentation. */
export function entryLines(key: string, rendered: Rendered, habits: Habits): string[] {
  const name = keyText(key, { quote: habits.quote, flow: false });
  if (rendered.shape === "mapping") return [`${name}:`, ...indented(rendered.lines, habits.step)];
  if (rendered.shape === "sequence") return [`${name}:`, ...indented(rendered.lines, habits.sequence)];
  const [first, ...rest] = rendered.lines;
  return [`${name}: ${first}`, ...indented(rest, habits.step)];
}

function renderYaml(text: string): Rendered | { readonly refused: string } {
  const { root, comments, complaints } = parseYaml({ name: "-", text });
  const error = complaints.find((c) => c.severity === "error");
  if (error !== undefined || root === undefined) return { refused: `the YAML to put in cannot be read: ${error?.message ?? "it is empty"}` };
  const lines = text.split(/\r?\n/).map((line) => (line.trim() === "" ? "" : line));
  while (lines.at(-1) === "") lines.pop();
  while (lines[0] === "") lines.shift();
  const indent = Math.min(...lines.filter((line) => line !== "").map((line) => line.search(/[^ ]/)));
  const shape = (root.kind === "mapping" || root.kind === "sequence") && !root.flow ? root.kind : "inline";
  if (lines.some((line) => /^(?:---|\.\.\.|%)/.test(line)) || (shape === "inline" && comments.some((c) => c.span.start < root.span.start))) {
    return { refused: "the YAML to put in has something in front of it" };
  }
  return { shape, lines: lines.map((line) => line.slice(indent)), outline: outlineOf(root) };
}

function shapeOf(value: PlainValue): Rendered["shape"] {
  if (isList(value)) return value.length === 0 ? "inline" : "sequence";
  return isRecord(value) && Object.keys(value).length > 0 ? "mapping" : "inline";
}

function blockLines(value: PlainValue, habits: Habits): string[] {
  if (shapeOf(value) === "inline") {
    const block = typeof value === "string" && value.includes("\n") ? blockText(value, "literal", "") : undefined;
    return block ? [block.header, ...block.lines] : [flowValue(value, habits, false)];
  }
  if (isList(value)) {
    return value.flatMap((item) => {
      const [first, ...rest] = blockLines(item, habits);
      return [`- ${first}`, ...indented(rest, 2)];
    });
  }
  const entries = Object.entries(value as Readonly<Record<string, PlainValue>>);
  return entries.flatMap(([key, item]) => entryLines(key, { shape: shapeOf(item), lines: blockLines(item, habits), outline: plainOutline(item) }, habits));
}

function flowValue(value: PlainValue, habits: Habits, flow = true): string {
  if (isList(value)) return `[${value.map((item) => flowValue(item, habits)).join(", ")}]`;
  if (!isRecord(value)) return scalarText(value, { style: "plain", quote: habits.quote, flow });
  const entries = Object.entries(value).map(([key, item]) => `${keyText(key, { quote: habits.quote, flow: true })}: ${flowValue(item, habits)}`);
  return `{${entries.join(", ")}}`;
}

function plainOutline(value: PlainValue): Outline {
  if (isList(value)) return { kind: "sequence", properties: NO_PROPERTIES, items: value.map(plainOutline) };
  if (!isRecord(value)) return scalarOutline(value);
  return { kind: "mapping", properties: NO_PROPERTIES, entries: Object.entries(value).map(([key, item]) => [key, plainOutline(item)]) };
}

const isList = (value: PlainValue): value is readonly PlainValue[] => Array.isArray(value);
const isRecord = (value: PlainValue): value is { readonly [key: string]: PlainValue } => typeof value === "object" && value !== null && !isList(value);
