/** Finds which of many words are in a text in one pass over it (Aho and Corasick, 1975). Case of ASCII letters does not count. */
export class WordFinder {
  /** Row of each state: its successor by character class, negative where words end. */
  readonly #next: Int32Array;
  readonly #classes: Uint8Array;
  readonly #width: number;
  /** Words that end in each state. */
  readonly #ends: readonly (readonly number[] | undefined)[];

  constructor(words: readonly string[]) {
    const folded = words.map((word) => word.toLowerCase());
    const characters = [...new Set(folded.join(""))].filter((character) => character.charCodeAt(0) < ASCII);
    this.#width = characters.length + 1;
    this.#classes = new Uint8Array(ASCII);
    for (const [i, character] of characters.entries()) {
      this.#classes[character.charCodeAt(0)] = i + 1;
      this.#classes[character.toUpperCase().charCodeAt(0)] = i + 1;
    }
    const { next, ends } = build(folded, this.#classes, this.#width);
    this.#next = next;
    this.#ends = ends;
  }

  /** Numbers of the words that are in the text, each once. */
  find(text: string): readonly number[] {
    const next = this.#next;
    const classes = this.#classes;
    const ends = this.#ends;
    let state = 0;
    let found: number[] | undefined;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      state = next[state + (code < ASCII ? (classes[code] as number) : 0)] as number;
      if (state >= 0) continue;
      state = -state;
      found ??= [];
      for (const word of ends[state / this.#width] as readonly number[]) if (!found.includes(word)) found.push(word);
    }
    return found ?? NONE;
  }
}

const ASCII = 128;
const NONE: readonly number[] = [];

/** States are numbered by the offset of their row, so that a step is one addition and one look. */
function build(words: readonly string[], classes: Uint8Array, width: number): { next: Int32Array; ends: (number[] | undefined)[] } {
  const rows: number[] = Array.from({ length: width }, () => 0);
  const ends: (number[] | undefined)[] = [undefined];
  for (const [number, word] of words.entries()) {
    let state = 0;
    for (let i = 0; i < word.length; i++) {
      const at = state + (classes[word.charCodeAt(i)] ?? 0);
      if (rows[at] === 0) {
        rows[at] = rows.length;
        ends.push(undefined);
        for (let n = 0; n < width; n++) rows.push(0);
      }
      state = rows[at] as number;
    }
    const at = state / width;
    ends[at] = [...(ends[at] ?? []), number];
  }
  return { next: linked(rows, ends, width), ends };
}

/** Fills in where to go on when a word breaks off. */
function linked(rows: readonly number[], ends: (number[] | undefined)[], width: number): Int32Array {
  const next = Int32Array.from(rows);
  const fallback = new Uint32Array(rows.length / width);
  const queue = rows.slice(0, width).filter((state) => state !== 0);
  for (const state of queue) {
    const back = fallback[state / width] as number;
    const shorter = ends[back / width];
    if (shorter !== undefined) ends[state / width] = [...(ends[state / width] ?? []), ...shorter];
    for (let n = 0; n < width; n++) {
      const to = next[state + n] as number;
      if (to === 0) next[state + n] = next[back + n] as number;
      else {
        fallback[to / width] = next[back + n] as number;
        queue.push(to);
      }
    }
  }
  return next.map((state) => (ends[state / width] === undefined ? state : -state));
}
