import type { Span } from "../../core/span.ts";
import { BakeSyntaxError } from "../hcl/cursor.ts";

export type JsonNode =
  | { readonly kind: "object"; readonly entries: readonly JsonEntry[]; readonly span: Span }
  | { readonly kind: "array"; readonly items: readonly JsonNode[]; readonly span: Span }
  | { readonly kind: "scalar"; readonly value: string | number | boolean | null; readonly span: Span };

export interface JsonEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: JsonNode;
}

const DEEPEST = 100;
const WHITE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\n\r]|\\.)*"/y;
const PLAIN = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** Reads a text of JSON with the place of each value. Throws a {@link BakeSyntaxError}. */
export function parseJson(text: string): JsonNode {
  const reader = new JsonReader(text);
  const node = reader.value(0);
  reader.finish();
  return node;
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): JsonNode {
    if (depth > DEEPEST)
      throw new BakeSyntaxError(`objects and arrays are nested deeper than the ${DEEPEST} levels that we read`, this.#here(), "limit-exceeded");
    const start = this.#skip();
    if (this.#takes("{")) return this.#object(start, depth);
    if (this.#takes("[")) return this.#array(start, depth);
    const string = this.#match(STRING);
    if (string !== undefined) return { kind: "scalar", value: this.#decoded(string, start), span: { start, end: this.#at } };
    const plain = this.#match(PLAIN);
    if (plain === undefined) throw this.#unexpected("a value is wanted");
    return { kind: "scalar", value: JSON.parse(plain), span: { start, end: this.#at } };
  }

  finish(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected("the end is wanted after the value");
  }

  #object(start: number, depth: number): JsonNode {
    const entries: JsonEntry[] = [];
    if (!this.#takes("}")) {
      do {
        const keyStart = this.#skip();
        const key = this.#match(STRING);
        if (key === undefined) throw this.#unexpected("a key in quotes is wanted");
        const keySpan = { start: keyStart, end: this.#at };
        if (!this.#takes(":")) throw this.#unexpected('a ":" is wanted after a key');
        entries.push({ key: this.#decoded(key, keyStart), keySpan, value: this.value(depth + 1) });
      } while (this.#takes(","));
      if (!this.#takes("}")) throw this.#unexpected('a "," or a "}" is wanted after an entry');
    }
    return { kind: "object", entries, span: { start, end: this.#at } };
  }

  #array(start: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    if (!this.#takes("]")) {
      do items.push(this.value(depth + 1));
      while (this.#takes(","));
      if (!this.#takes("]")) throw this.#unexpected('a "," or a "]" is wanted after an item');
    }
    return { kind: "array", items, span: { start, end: this.#at } };
  }

  #decoded(quoted: string, start: number): string {
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw new BakeSyntaxError("a text has an escape or a character that JSON does not allow", { start, end: this.#at });
    }
  }

  #skip(): number {
    this.#match(WHITE);
    return this.#at;
  }

  #takes(mark: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== mark) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #here(): Span {
    return { start: this.#at, end: Math.min(this.#at + 1, this.#text.length) };
  }

  #unexpected(wanted: string): BakeSyntaxError {
    this.#skip();
    const found = this.#at >= this.#text.length ? "the end" : JSON.stringify(String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0));
    return new BakeSyntaxError(`${wanted}, and there is ${found}`, this.#here());
  }
}
