import { type Alias, isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument } from "yaml";
import type { SourceFile, Span } from "../core/span.ts";
import type { Complaints } from "./complaints.ts";
import { expressionsWithin } from "./interpolation.ts";
import { DEEPEST_NESTING, LONGEST_FILE, MOST_NODES } from "./limits.ts";
import { placeOf, startOf } from "./source-places.ts";
import type { EmbeddedExpression, Entry, Node, Scalar } from "./tree.ts";

/** A node with what it costs when written out wherever an alias names it. */
interface Grown {
  readonly node: Node;
  readonly size: number;
  readonly height: number;
}

class TooMuch extends Error {}

/** The YAML tree of a file with spans, aliases resolved; undefined, with complaints, when it is no YAML or beyond our limits. Never throws. */
export function readTree(file: SourceFile, complaints: Complaints): Node | undefined {
  const whole = { start: 0, end: file.text.length };
  if (file.text.length > LONGEST_FILE) {
    complaints.error({ start: 0, end: 0 }, `the file has ${file.text.length} characters, more than the ${LONGEST_FILE} we read`, undefined, "limit-exceeded");
    return undefined;
  }
  try {
    // The core schema whatever a %YAML line says: other tags (!!omap) would give other kinds of nodes.
    const document = parseDocument(file.text, { schema: "core", resolveKnownTags: false, uniqueKeys: false, prettyErrors: false, logLevel: "error" });
    if (document.errors.some((error) => error.code === "RESOURCE_EXHAUSTION")) throw new TooMuch(tooDeep);
    for (const error of document.errors) complaints.error({ start: error.pos[0], end: error.pos[1] }, yamlMessage(error.code, error.message));
    if (document.errors.length > 0) return undefined;
    if (document.contents === null) {
      complaints.error(whole, "the file is empty", "a workflow has at least on: and jobs:");
      return undefined;
    }
    return new TreeBuilder(file, complaints).build(document.contents, 0).node;
  } catch (error) {
    if (error instanceof TooMuch) complaints.error({ start: 0, end: 0 }, error.message, undefined, "limit-exceeded");
    // The library recurses: nesting deep enough exhausts the stack.
    else if (error instanceof RangeError) complaints.error({ start: 0, end: 0 }, tooDeep, undefined, "limit-exceeded");
    else throw error;
    return undefined;
  }
}

const tooDeep = `the file is nested deeper than the ${DEEPEST_NESTING} levels we read`;

function yamlMessage(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "the file holds several YAML documents, where one is wanted";
  const text = message.replace(/\.?$/, "");
  return `not valid YAML: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

class TreeBuilder {
  readonly #file: SourceFile;
  readonly #complaints: Complaints;
  /** What each anchor names so far; undefined while it is being built. */
  readonly #anchors = new Map<string, Grown | undefined>();
  #nodes = 0;

  constructor(file: SourceFile, complaints: Complaints) {
    this.#file = file;
    this.#complaints = complaints;
  }

  build(node: ParsedNode | null, depth: number, fallback = 0): Grown {
    if (depth > DEEPEST_NESTING) throw new TooMuch(tooDeep);
    if (node === null) return this.#grown(emptyAt(fallback), 1, 0);
    if (isAlias(node)) return this.#alias(node, depth);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, undefined);
    const grown = this.#own(node, depth);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, grown);
    return grown;
  }

  #own(node: Exclude<ParsedNode, Alias.Parsed>, depth: number): Grown {
    const span = spanOf(node);
    if (isScalar(node)) return this.#grown(scalarFrom(node.value, node.type, span, this.#file.text), 1, 0);
    const children: Grown[] = [];
    const grow = (child: ParsedNode | null, at: number): Node => {
      const grown = this.build(child, depth + 1, at);
      children.push(grown);
      return grown.node;
    };
    const made: Node = isSeq(node)
      ? { kind: "sequence", items: node.items.map((item) => grow(item as ParsedNode | null, span.end)), span }
      : {
          kind: "mapping",
          entries: isMap(node) ? node.items.flatMap((pair) => this.#entry(pair.key as ParsedNode | null, pair.value as ParsedNode | null, grow, span)) : [],
          span,
        };
    // Children counted themselves already.
    return {
      node: this.#grown(made, 1, 0).node,
      size: children.reduce((sum, child) => sum + child.size, 1),
      height: children.reduce((top, child) => Math.max(top, child.height + 1), 1),
    };
  }

  #entry(key: ParsedNode | null, value: ParsedNode | null, grow: (child: ParsedNode | null, at: number) => Node, around: Span): Entry[] {
    const name = grow(key, around.start);
    const held = grow(value, name.span.end);
    if (name.kind === "scalar") return [{ key: name, value: held }];
    this.#complaints.error(name.span, "a key is a list or a mapping, where a name is wanted");
    return [];
  }

  #alias(alias: Alias.Parsed, depth: number): Grown {
    const span = spanOf(alias);
    if (!this.#anchors.has(alias.source)) {
      this.#complaints.error(span, `"*${alias.source}" names an anchor that does not stand before it`);
      return this.#grown(emptyAt(span.start), 1, 0);
    }
    const target = this.#anchors.get(alias.source);
    if (target === undefined) {
      this.#complaints.error(span, `"*${alias.source}" stands within what it names`);
      return this.#grown(emptyAt(span.start), 1, 0);
    }
    if (depth + target.height > DEEPEST_NESTING) throw new TooMuch(tooDeep);
    return this.#grown(target.node, target.size, target.height);
  }

  #grown(node: Node, size: number, height: number): Grown {
    this.#nodes += size;
    if (this.#nodes > MOST_NODES) throw new TooMuch(`the file holds more than ${MOST_NODES} values once its aliases are written out`);
    return { node, size, height };
  }
}

const emptyAt = (at: number): Scalar => ({ kind: "scalar", value: null, text: "", style: "plain", span: { start: at, end: at }, expressions: [] });

const STYLES: Readonly<Record<string, Scalar["style"]>> = { QUOTE_SINGLE: "single", QUOTE_DOUBLE: "double", BLOCK_LITERAL: "literal", BLOCK_FOLDED: "folded" };

function scalarFrom(given: unknown, type: string | null | undefined, span: Span, source: string): Scalar {
  const value = given === null || typeof given === "boolean" || typeof given === "number" || typeof given === "string" ? given : (JSON.stringify(given) ?? "");
  const text = value === null ? "" : String(value);
  const style = STYLES[type ?? ""] ?? "plain";
  return { kind: "scalar", value, text, style, span, expressions: typeof value === "string" ? embedded(text, source, span, style) : [] };
}

function embedded(text: string, source: string, span: Span, style: Scalar["style"]): readonly EmbeddedExpression[] {
  if (!text.includes("${{")) return [];
  let upTo = 0;
  // After the opening of the last one that was found, so that a thousand in a row are not sought from the start each.
  let from = startOf(source, span, style);
  let passed = 0;
  return expressionsWithin(text).map((within) => {
    passed += occurrences(text.slice(upTo, within.start));
    const place = placeOf(within, passed, text, source, from, span, style);
    if (place !== undefined) {
      from = place.start + 1;
      passed = -1;
    }
    passed += occurrences(text.slice(within.start, within.end));
    upTo = within.end;
    return { text: text.slice(within.start + 3, within.end - 2).trim(), within, span: place ?? span };
  });
}

const occurrences = (text: string): number => text.split("${{").length - 1;

function spanOf(node: ParsedNode): Span {
  const [start, end] = node.range;
  return { start, end };
}
