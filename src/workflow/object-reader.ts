import type { ObjectReader } from "@actions/workflow-parser/templates/object-reader";
import {
  BooleanToken,
  type LiteralToken,
  MappingToken,
  NullToken,
  NumberToken,
  SequenceToken,
  StringToken,
} from "@actions/workflow-parser/templates/tokens/index";
import type { TokenRange } from "@actions/workflow-parser/templates/tokens/token-range";
import type { Node, Scalar } from "./tree.ts";

type Event = { readonly open: Node } | { readonly close: "sequence" | "mapping" } | { readonly key: Scalar };

/**
 * Our tree as GitHub's template reader wants to read it. A token's `line` is the number of its node in {@link TreeReader.nodes} and its columns
 * are offsets in the node's text, so that whatever the reader says of a range leads back to an exact place.
 */
export class TreeReader implements ObjectReader {
  readonly nodes: Node[] = [];
  readonly #events: Iterator<Event>;
  #now: Event | undefined;

  constructor(root: Node) {
    this.#events = eventsOf(root);
  }

  validateStart(): void {
    this.#next();
  }

  validateEnd(): void {
    if (this.#now !== undefined) throw new Error("the tree was not read to its end");
  }

  allowLiteral(): LiteralToken | undefined {
    const now = this.#now;
    if (now === undefined || "close" in now) return undefined;
    if ("key" in now) {
      this.#next();
      return new StringToken(undefined, this.#range(now.key), now.key.text, undefined);
    }
    if (now.open.kind !== "scalar") return undefined;
    this.#next();
    return literal(now.open, this.#range(now.open));
  }

  allowSequenceStart(): SequenceToken | undefined {
    const node = this.#open("sequence");
    return node && new SequenceToken(undefined, this.#range(node), undefined);
  }

  allowSequenceEnd(): boolean {
    return this.#close("sequence");
  }

  allowMappingStart(): MappingToken | undefined {
    const node = this.#open("mapping");
    return node && new MappingToken(undefined, this.#range(node), undefined);
  }

  allowMappingEnd(): boolean {
    return this.#close("mapping");
  }

  #open(kind: "sequence" | "mapping"): Node | undefined {
    const now = this.#now;
    if (now === undefined || !("open" in now) || now.open.kind !== kind) return undefined;
    this.#next();
    return now.open;
  }

  #close(kind: "sequence" | "mapping"): boolean {
    const now = this.#now;
    if (now === undefined || !("close" in now) || now.close !== kind) return false;
    this.#next();
    return true;
  }

  #next(): void {
    const { value, done } = this.#events.next();
    this.#now = done === true ? undefined : value;
  }

  #range(node: Node): TokenRange {
    const line = this.nodes.push(node) - 1;
    return { start: { line, column: 0 }, end: { line, column: node.kind === "scalar" ? node.text.length : 0 } };
  }
}

function literal(scalar: Scalar, range: TokenRange): LiteralToken {
  const { value } = scalar;
  if (value === null) return new NullToken(undefined, range, undefined);
  if (typeof value === "boolean") return new BooleanToken(undefined, range, value, undefined);
  if (typeof value === "number") return new NumberToken(undefined, range, value, undefined);
  return new StringToken(undefined, range, value, undefined);
}

function* eventsOf(node: Node): Generator<Event, undefined> {
  yield { open: node };
  if (node.kind === "scalar") return;
  if (node.kind === "sequence") for (const item of node.items) yield* eventsOf(item);
  else
    for (const { key, value } of node.entries) {
      yield { key };
      yield* eventsOf(value);
    }
  yield { close: node.kind };
}
