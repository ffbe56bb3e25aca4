import type { Span } from "../core/span.ts";

/** A node of a YAML file as it stands there: in the file's order, nothing merged, nothing expanded. */
export type YamlNode = YamlMapping | YamlSequence | YamlScalar | YamlAlias;

/** What every node may carry in front of it; not part of its span. */
export interface YamlProperties {
  /** The name of `&name`. */
  readonly anchor?: string | undefined;
  /** A tag as the file means it (`!reset`, `tag:yaml.org,2002:str`); undefined when none is written. */
  readonly tag?: string | undefined;
}

export interface YamlMapping extends YamlProperties {
  readonly kind: "mapping";
  /** Written with braces. */
  readonly flow: boolean;
  /** A key that stands twice is here twice, and is complained about. `<<` is a key like any other. */
  readonly entries: readonly YamlEntry[];
  /** From the first key (or the brace) to the end of the last value (or past the brace). */
  readonly span: Span;
}

export interface YamlEntry {
  /** An alias as a key stands here as what it names; keys that are collections are complained about and left out. */
  readonly key: YamlScalar;
  readonly value: YamlNode;
  /** Where the `:` stands; undefined when there is none (`? key`, `{key}`). */
  readonly colon: number | undefined;
  /** Written with `?`. */
  readonly explicit: boolean;
}

export interface YamlSequence extends YamlProperties {
  readonly kind: "sequence";
  /** Written with brackets. */
  readonly flow: boolean;
  readonly items: readonly YamlNode[];
  /** Where the `-` of each item stands; empty when flow. */
  readonly dashes: readonly number[];
  /** From the first dash (or the bracket) to the end of the last item (or past the bracket). */
  readonly span: Span;
}

/** How a scalar is written. What is not written at all (`key:`) is plain, with empty text and an empty span. */
export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

/** What a scalar means by the YAML 1.2 core schema. */
export type ScalarValue = string | number | boolean | null;

export interface YamlScalar extends YamlProperties {
  readonly kind: "scalar";
  /** The text without quotes, escapes, folds and indentation: `1.20` stays `1.20`. */
  readonly text: string;
  readonly value: ScalarValue;
  readonly style: ScalarStyle;
  /** As written, with quotes; a block scalar from its `|` or `>` to its last line's end, without that line break. */
  readonly span: Span;
}

export interface YamlAlias extends YamlProperties {
  readonly kind: "alias";
  readonly name: string;
  /** The anchored node itself (never an alias); undefined when there is none, which is complained about. */
  readonly target: Exclude<YamlNode, YamlAlias> | undefined;
  /** Of the `*name`. */
  readonly span: Span;
}

/** A comment, from its `#` to the end of its line (without the line break). */
export interface YamlComment {
  readonly span: Span;
  /** With the `#`. */
  readonly text: string;
}

/** What a node stands for: an alias is its target, and undefined without one. */
export function resolved(node: YamlNode): Exclude<YamlNode, YamlAlias> | undefined {
  return node.kind === "alias" ? node.target : node;
}

/** The first entry with this key, and undefined when there is none. */
export function entryOf(mapping: YamlMapping, key: string): YamlEntry | undefined {
  return mapping.entries.find((entry) => entry.key.text === key);
}

/** The comments that begin within `span`, in the file's order. */
export function commentsIn(comments: readonly YamlComment[], span: Span): YamlComment[] {
  let [low, high] = [0, comments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle] as YamlComment).span.start < span.start) low = middle + 1;
    else high = middle;
  }
  const found: YamlComment[] = [];
  for (let i = low; i < comments.length && (comments[i] as YamlComment).span.start < span.end; i++) found.push(comments[i] as YamlComment);
  return found;
}
