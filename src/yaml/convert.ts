import { type CST, type Document, isAlias, isMap, isScalar, isSeq, type Pair, type ParsedNode, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Span } from "../core/span.ts";
import type { Complaints } from "./complaints.ts";
import type { YamlLimits } from "./limits.ts";
import type { ScalarStyle, ScalarValue, YamlAlias, YamlEntry, YamlNode, YamlProperties, YamlScalar } from "./tree.ts";

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "literal",
  BLOCK_FOLDED: "folded",
};

/** What a node stands for when every alias in it is followed. */
interface Expansion {
  readonly nodes: number;
  readonly depth: number;
}

/** The library's document as our tree; undefined when it is empty, or expands beyond the limits. */
export function convert(document: Document.Parsed, text: string, limits: YamlLimits, complaints: Complaints): YamlNode | undefined {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && isEmpty(contents) && contents.anchor === undefined && contents.tag === undefined)) return undefined;
  const reader = new Reader(text, limits, complaints);
  const root = reader.node(contents, contents.range[0]);
  return reader.isBeyond ? undefined : root;
}

class Reader {
  readonly #text: string;
  readonly #limits: YamlLimits;
  readonly #complaints: Complaints;
  readonly #anchors = new Map<string, YamlNode>();
  /** Anchors whose node is being read: an alias to one of them would hold itself. */
  readonly #open = new Set<string>();
  readonly #expansions = new Map<YamlNode, Expansion>();
  isBeyond = false;

  constructor(text: string, limits: YamlLimits, complaints: Complaints) {
    this.#text = text;
    this.#limits = limits;
    this.#complaints = complaints;
  }

  /** `emptyAt` is the span of a node that is not written at all. */
  node(node: ParsedNode, emptyAt: number): YamlNode {
    const { anchor } = node as { anchor?: string };
    if (anchor !== undefined) this.#open.add(anchor);
    const read = this.#read(node, emptyAt);
    if (anchor !== undefined) {
      this.#open.delete(anchor);
      this.#anchors.set(anchor, read);
    }
    return read;
  }

  #read(node: ParsedNode, emptyAt: number): YamlNode {
    const [start, end] = node.range;
    if (isAlias(node)) return this.#alias(node.source, { start, end });
    const properties = propertiesOf(node);
    if (isMap(node)) return this.#mapping(node as YAMLMap.Parsed, properties);
    if (isSeq(node)) return this.#sequence(node as YAMLSeq.Parsed, properties);
    const scalar = scalarOf(node as Scalar.Parsed, properties, this.#text, emptyAt);
    this.#expansions.set(scalar, { nodes: 1, depth: 0 });
    return scalar;
  }

  #alias(name: string, span: Span): YamlAlias {
    const anchored = this.#open.has(name) ? undefined : this.#anchors.get(name);
    const target = anchored?.kind === "alias" ? anchored.target : anchored;
    if (target === undefined) {
      const message = this.#open.has(name) ? `the alias "*${name}" stands within what it names` : `the alias "*${name}" names no anchor that stands before it`;
      this.#complaints.say({ span, message, hint: "write the content out" });
    }
    const alias: YamlAlias = { kind: "alias", name, target, span };
    this.#expansions.set(alias, (target && this.#expansions.get(target)) ?? { nodes: 1, depth: 0 });
    return alias;
  }

  #mapping(map: YAMLMap.Parsed, properties: YamlProperties): YamlNode {
    const entries: YamlEntry[] = [];
    const seen = new Set<string>();
    for (const pair of map.items) {
      const entry = this.#entry(pair);
      if (entry === undefined) continue;
      const { text, span } = entry.key;
      if (seen.has(text) && text !== "<<") {
        this.#complaints.say({ span, message: `the key "${text}" stands twice in one mapping`, hint: "remove one of them, or put both values under one" });
      }
      seen.add(text);
      entries.push(entry);
    }
    const flow = map.flow === true;
    const last = entries.at(-1);
    const span = { start: map.range[0], end: flow || last === undefined ? map.range[1] : Math.max(last.value.span.end, (last.colon ?? 0) + 1) };
    const children = entries.map((entry) => entry.value);
    return this.#counted({ kind: "mapping", flow, entries, span, ...properties }, children);
  }

  #entry(pair: Pair<ParsedNode, ParsedNode | null>): YamlEntry | undefined {
    const token = (pair as { srcToken?: CST.CollectionItem }).srcToken;
    const colon = token?.sep?.find((t) => t.type === "map-value-ind")?.offset;
    const explicit = token?.start.some((t) => t.type === "explicit-key-ind") ?? false;
    const read = pair.key && this.node(pair.key, pair.key.range[0]);
    const key = read?.kind === "alias" ? read.target : read;
    const emptyAt = colon === undefined ? (read?.span.end ?? 0) : colon + 1;
    const value = pair.value ? this.node(pair.value, emptyAt) : emptyScalar(emptyAt);
    if (key?.kind === "scalar" && key.value !== null) {
      if (typeof key.value !== "string") {
        const message = `the key "${key.text}" is a ${typeof key.value}, and is read as text`;
        this.#complaints.say({ span: key.span, message, hint: "put it in quotes", severity: "note" });
      }
      return { key, value, colon, explicit };
    }
    if (read !== null) this.#complaints.say({ span: read.span, message: "a key is wanted that is a text", hint: "put it in quotes" });
    return undefined;
  }

  #sequence(sequence: YAMLSeq.Parsed, properties: YamlProperties): YamlNode {
    const token = sequence.srcToken as CST.BlockSequence | CST.FlowCollection | undefined;
    const flow = sequence.flow === true;
    const dashes = flow ? [] : (token?.items ?? []).flatMap((item) => item.start.find((t) => t.type === "seq-item-ind")?.offset ?? []);
    const items = sequence.items.map((item, i) => this.node(item as ParsedNode, (dashes[i] ?? (item as ParsedNode).range[0] - 1) + 1));
    const end = flow ? sequence.range[1] : (items.at(-1)?.span.end ?? sequence.range[1]);
    return this.#counted({ kind: "sequence", flow, items, dashes, span: { start: sequence.range[0], end }, ...properties }, items);
  }

  #counted(node: YamlNode, children: readonly YamlNode[]): YamlNode {
    let [nodes, depth] = [1, 0];
    for (const child of children) {
      const expansion = this.#expansions.get(child) ?? { nodes: 1, depth: 0 };
      nodes += expansion.nodes;
      depth = Math.max(depth, expansion.depth);
    }
    const expansion = { nodes, depth: depth + 1 };
    this.#expansions.set(node, expansion);
    if (!this.isBeyond && (expansion.nodes > this.#limits.expanded || expansion.depth > this.#limits.depth)) {
      this.isBeyond = true;
      const { expanded, depth: deepest } = this.#limits;
      const message = `the aliases in here stand for more than the ${expanded} nodes or ${deepest} levels that we read`;
      this.#complaints.say({ span: { start: node.span.start, end: node.span.start }, message, code: "limit-exceeded" });
    }
    return node;
  }
}

const isEmpty = (scalar: Scalar.Parsed): boolean => scalar.range[0] === scalar.range[1];

function propertiesOf(node: ParsedNode): YamlProperties {
  const { anchor, tag } = node as { anchor?: string; tag?: string };
  return { ...(anchor === undefined ? {} : { anchor }), ...(tag === undefined ? {} : { tag }) };
}

const emptyScalar = (at: number): YamlScalar => ({ kind: "scalar", text: "", value: null, style: "plain", span: { start: at, end: at } });

function scalarOf(scalar: Scalar.Parsed, properties: YamlProperties, text: string, emptyAt: number): YamlScalar {
  const [start, end] = scalar.range;
  const bare = properties.anchor === undefined && properties.tag === undefined;
  if (isEmpty(scalar) && scalar.value === null && bare) return emptyScalar(emptyAt);
  const style = STYLES[scalar.type ?? "PLAIN"] ?? "plain";
  const span = { start, end: style === "literal" || style === "folded" ? withoutLineBreak(text, end) : end };
  const { value } = scalar as { value: unknown };
  const known: ScalarValue =
    value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : (scalar.source ?? null);
  return { kind: "scalar", text: scalar.source ?? String(known ?? ""), value: known, style, span, ...properties };
}

function withoutLineBreak(text: string, end: number): number {
  if (text[end - 1] !== "\n") return end;
  return text[end - 2] === "\r" ? end - 2 : end - 1;
}
