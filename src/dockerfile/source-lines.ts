/** One physical line: `text` without any line end, and where it, its line end and its successor stand in the file. */
export interface SourceLine {
  readonly text: string;
  readonly start: number;
  /** Offset of the next line. */
  readonly next: number;
}

/** Reads a file line by line. A byte order mark at its head is not part of the first line. */
export class SourceLines {
  readonly #text: string;
  #at: number;

  constructor(text: string) {
    this.#text = text;
    this.#at = text.startsWith("\ufeff") ? 1 : 0;
  }

  /** The next line, or undefined behind the last. */
  next(): SourceLine | undefined {
    const start = this.#at;
    if (start >= this.#text.length) return undefined;
    const newline = this.#text.indexOf("\n", start);
    this.#at = newline === -1 ? this.#text.length : newline + 1;
    let end = this.#at;
    while (end > start && /[\r\n]/.test(this.#text.charAt(end - 1))) end--;
    return { text: this.#text.slice(start, end), start, next: this.#at };
  }
}
