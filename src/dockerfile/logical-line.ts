import type { Span } from "../core/span.ts";

/** One instruction's text: its physical lines without continuation characters, joined; knows where each character stands in the file. */
export class LogicalLine {
  #text = "";
  readonly #pieces: { readonly at: number; readonly start: number }[] = [];
  #end: number;

  constructor(start: number) {
    this.#end = start;
  }

  get text(): string {
    return this.#text;
  }

  /** Joins the file's text from offset `start` on. */
  append(text: string, start: number): void {
    if (text !== "" || this.#pieces.length === 0) this.#pieces.push({ at: this.#text.length, start });
    this.#text += text;
    this.#end = start + text.length;
  }

  /** Where the part of the line from `start` to `end` stands in the file; it may reach over several physical lines. */
  spanOf(start: number, end: number): Span {
    return end > start ? { start: this.#offset(start), end: this.#offset(end - 1) + 1 } : { start: this.#offset(start), end: this.#offset(start) };
  }

  #offset(at: number): number {
    if (at >= this.#text.length) return this.#end;
    let low = 0;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle]?.at as number) <= at) low = middle;
      else high = middle - 1;
    }
    const piece = this.#pieces[low] as { at: number; start: number };
    return piece.start + at - piece.at;
  }
}
