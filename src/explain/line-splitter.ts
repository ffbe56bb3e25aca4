import { JSON_LINE_LIMIT, LINE_LIMIT } from "./limits.ts";

/** Makes lines of chunks, holding no more of a line than its limit. A carriage return ends a piece of a line: each piece comes with the line's number. */
export class LineSplitter {
  #number = 0;
  #held = "";
  #limit = LINE_LIMIT;
  #open = false;
  readonly #take: (text: string, number: number) => void;

  constructor(take: (text: string, number: number) => void) {
    this.#take = take;
  }

  /** Lines so far, with the one that is not ended. */
  get lines(): number {
    return this.#number + (this.#open ? 1 : 0);
  }

  push(chunk: string): void {
    let start = 0;
    for (let end = chunk.indexOf("\n"); end !== -1; end = chunk.indexOf("\n", start)) {
      if (this.#open) {
        this.#hold(chunk, start, end);
        this.#end(this.#held);
      } else this.#end(chunk.slice(start, Math.min(end, start + limitOf(chunk, start))));
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk, start, chunk.length);
  }

  /** Takes what is left as the last line. */
  end(): void {
    if (this.#open) this.#end(this.#held);
  }

  #hold(chunk: string, start: number, end: number): void {
    if (!this.#open) {
      this.#open = true;
      this.#limit = limitOf(chunk, start);
    }
    const room = this.#limit - this.#held.length;
    if (room > 0) this.#held += chunk.slice(start, Math.min(end, start + room));
  }

  #end(line: string): void {
    this.#held = "";
    this.#open = false;
    this.#number++;
    if (!line.includes("\r")) {
      this.#take(line, this.#number);
      return;
    }
    for (const piece of line.split("\r")) if (piece !== "") this.#take(piece, this.#number);
  }
}

const limitOf = (text: string, start: number): number => (text.charCodeAt(start) === 0x7b ? JSON_LINE_LIMIT : LINE_LIMIT);
