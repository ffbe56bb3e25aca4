import type { Span } from "../core/span.ts";

/** A YAML value as it stands in the file. An alias gives the node of its anchor: the very same object, with the anchor's spans. */
export type Node = Scalar | Sequence | Mapping;

/** A scalar: what it means and where it stands. */
export interface Scalar {
  readonly kind: "scalar";
  /** By YAML 1.2's core schema. */
  readonly value: null | boolean | number | string;
  /** The value as text, as GitHub turns it into one: `null` is empty, `1.20` is `1.2`. */
  readonly text: string;
  readonly style: "plain" | "single" | "double" | "literal" | "folded";
  /** With its quotes, or from the `|` of a block to its last line. */
  readonly span: Span;
  /** Each `${{ }}` of the text, in order. */
  readonly expressions: readonly EmbeddedExpression[];
}

/** One `${{ }}` within a scalar. */
export interface EmbeddedExpression {
  /** What stands between the braces, trimmed. */
  readonly text: string;
  /** Offsets in {@link Scalar.text}, braces included. */
  readonly within: Span;
  /** Place in the file, braces included; the whole scalar where escapes hide the place. */
  readonly span: Span;
}

export interface Sequence {
  readonly kind: "sequence";
  readonly items: readonly Node[];
  readonly span: Span;
}

export interface Mapping {
  readonly kind: "mapping";
  readonly entries: readonly Entry[];
  readonly span: Span;
}

/** A key with its value; the text of a key is its name. */
export interface Entry {
  readonly key: Scalar;
  readonly value: Node;
}

/** The entries of a mapping; none when the node is absent or something else. */
export const entriesOf = (node: Node | undefined): readonly Entry[] => (node?.kind === "mapping" ? node.entries : []);

/** The entry of that key, or undefined. The first counts where a key comes twice, as on GitHub. */
export const entryOf = (node: Node | undefined, key: string): Entry | undefined => entriesOf(node).find((entry) => entry.key.text === key);

/** The value of that key, or undefined. */
export const childOf = (node: Node | undefined, key: string): Node | undefined => entryOf(node, key)?.value;

/** The value of that key when it is a scalar that is not null. */
export function scalarOf(node: Node | undefined, key: string): Scalar | undefined {
  const value = childOf(node, key);
  return value?.kind === "scalar" && value.value !== null ? value : undefined;
}

/** A list of scalars, where GitHub takes one scalar for a list of one. What is no scalar is left out. */
export function scalarsOf(node: Node | undefined): readonly Scalar[] {
  if (node?.kind === "scalar") return node.value === null ? [] : [node];
  return node?.kind === "sequence" ? node.items.filter((item) => item.kind === "scalar") : [];
}
