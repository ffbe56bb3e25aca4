import { ProblemError } from "../core/problem.ts";

// LZMA2 as xz packs it. Source: the LZMA specification by I. Pavlov and doc/xz-file-format.txt 1.2.1 section 5.3.1; read 2026-11-22.

const STATES = 12;
const POS_STATES = 16;
const LITERAL_CODER = 0x300;
/** lc + lp is at most four in LZMA2. */
const MOST_LITERAL_BITS = 4;
const HALF = 1024;

const damaged = (why: string): ProblemError => new ProblemError("layer-invalid", { message: `the xz content is damaged or cut short (${why})` });

/** Probabilities of a length: choice, choice2, then 16 low, 16 middle and one high tree. */
const LENGTH_LOW = 2;
const LENGTH_MIDDLE = LENGTH_LOW + POS_STATES * 8;
const LENGTH_HIGH = LENGTH_MIDDLE + POS_STATES * 8;
const LENGTH_SIZE = LENGTH_HIGH + 256;

// Where each kind of probability begins in one array.
const IS_MATCH = 0;
const IS_REP = IS_MATCH + STATES * POS_STATES;
const IS_REP0 = IS_REP + STATES;
const IS_REP1 = IS_REP0 + STATES;
const IS_REP2 = IS_REP1 + STATES;
const IS_REP0_LONG = IS_REP2 + STATES;
const DISTANCE_SLOT = IS_REP0_LONG + STATES * POS_STATES;
const DISTANCE_SPECIAL = DISTANCE_SLOT + 4 * 64;
const DISTANCE_ALIGN = DISTANCE_SPECIAL + 128;
const MATCH_LENGTH = DISTANCE_ALIGN + 16;
const REP_LENGTH = MATCH_LENGTH + LENGTH_SIZE;
const LITERAL = REP_LENGTH + LENGTH_SIZE;
const SIZE = LITERAL + (LITERAL_CODER << MOST_LITERAL_BITS);

/** The decoder of one xz block: its chunks come one after another, and each gives what it unpacks to. */
export class Lzma2Decoder {
  readonly #window: Buffer;
  /** Where the next byte goes, and how many bytes are there to refer to. */
  #at = 0;
  #filled = 0;
  readonly #probabilities = new Uint16Array(SIZE);
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];
  #lc = 0;
  #lp = 0;
  #pb = 0;
  /** Bytes since the dictionary was reset: literals and lengths depend on its low bits. */
  #position = 0;
  #needs: "dictionary" | "properties" | "state" | "nothing" = "dictionary";

  constructor(dictionaryBytes: number) {
    this.#window = Buffer.allocUnsafe(dictionaryBytes);
  }

  /** A chunk that is not packed. */
  plain(bytes: Uint8Array, resetsDictionary: boolean): void {
    if (resetsDictionary) this.#resetDictionary();
    else if (this.#needs === "dictionary") throw damaged("its first chunk does not begin a dictionary");
    for (const byte of bytes) this.#put(byte);
  }

  /**
   * A packed chunk.
   * @param control   its first byte
   * @param property  lc, lp and pb where the control byte says that they are new
   */
  packed(control: number, property: number, packed: Uint8Array, size: number): Uint8Array {
    const reset = (control >> 5) & 3;
    if (reset === 3) this.#resetDictionary();
    if (this.#needs === "dictionary") throw damaged("its first chunk does not begin a dictionary");
    if (reset >= 2) this.#setProperties(property);
    else if (this.#needs === "properties") throw damaged("a chunk needs properties that it does not give");
    if (reset >= 1) this.#resetState();
    else if (this.#needs !== "nothing") throw damaged("a chunk needs a state that it does not give");
    return this.#decode(packed, size);
  }

  #resetDictionary(): void {
    this.#filled = 0;
    this.#position = 0;
    this.#needs = "properties";
  }

  #setProperties(property: number): void {
    this.#lc = property % 9;
    this.#lp = Math.floor(property / 9) % 5;
    this.#pb = Math.floor(property / 45);
    if (this.#pb > 4 || this.#lc + this.#lp > MOST_LITERAL_BITS) throw damaged(`the properties ${property} are none`);
    this.#needs = "state";
  }

  #resetState(): void {
    this.#probabilities.fill(HALF);
    this.#state = 0;
    this.#reps = [0, 0, 0, 0];
    this.#needs = "nothing";
  }

  #put(byte: number): void {
    this.#window[this.#at] = byte;
    this.#at = this.#at + 1 === this.#window.length ? 0 : this.#at + 1;
    if (this.#filled < this.#window.length) this.#filled++;
    this.#position++;
  }

  #decode(packed: Uint8Array, size: number): Uint8Array {
    const out = Buffer.allocUnsafe(size);
    const window = this.#window;
    const probabilities = this.#probabilities;
    const posMask = (1 << this.#pb) - 1;
    const literalPosMask = (1 << this.#lp) - 1;
    const lc = this.#lc;
    let [rep0, rep1, rep2, rep3] = this.#reps;
    let state = this.#state;
    let range = 0xffff_ffff;
    if (packed[0] !== 0 || packed.length < 5) throw damaged("a chunk does not begin as one");
    let code = (((packed[1] as number) << 24) | ((packed[2] as number) << 16) | ((packed[3] as number) << 8) | (packed[4] as number)) >>> 0;
    let next = 5;
    const normalize = (): void => {
      if (range >= 0x100_0000) return;
      if (next >= packed.length) throw damaged("a chunk ends too early");
      range = (range << 8) >>> 0;
      code = ((code << 8) | (packed[next++] as number)) >>> 0;
    };
    const bit = (at: number): 0 | 1 => {
      normalize();
      const probability = probabilities[at] as number;
      const bound = (range >>> 11) * probability;
      if (code < bound) {
        range = bound;
        probabilities[at] = probability + ((2048 - probability) >>> 5);
        return 0;
      }
      range -= bound;
      code -= bound;
      probabilities[at] = probability - (probability >>> 5);
      return 1;
    };
    const tree = (base: number, bits: number): number => {
      let symbol = 1;
      for (let i = 0; i < bits; i++) symbol = (symbol << 1) | bit(base + symbol);
      return symbol - (1 << bits);
    };
    const reverseTree = (base: number, bits: number): number => {
      let symbol = 1;
      let value = 0;
      for (let i = 0; i < bits; i++) {
        const one = bit(base + symbol);
        symbol = (symbol << 1) | one;
        value |= one << i;
      }
      return value;
    };
    const direct = (bits: number): number => {
      let value = 0;
      for (let i = 0; i < bits; i++) {
        normalize();
        range >>>= 1;
        const one = code >= range ? 1 : 0;
        if (one === 1) code -= range;
        value = (value << 1) | one;
      }
      return value;
    };
    const lengthOf = (base: number, posState: number): number => {
      if (bit(base) === 0) return 2 + tree(base + LENGTH_LOW + posState * 8, 3);
      if (bit(base + 1) === 0) return 10 + tree(base + LENGTH_MIDDLE + posState * 8, 3);
      return 18 + tree(base + LENGTH_HIGH, 8);
    };
    const distanceOf = (length: number): number => {
      const slot = tree(DISTANCE_SLOT + Math.min(length - 2, 3) * 64, 6);
      if (slot < 4) return slot;
      const bits = (slot >> 1) - 1;
      const base = ((2 | (slot & 1)) << bits) >>> 0;
      if (slot < 14) return base + reverseTree(DISTANCE_SPECIAL + base - slot, bits);
      return base + direct(bits - 4) * 16 + reverseTree(DISTANCE_ALIGN, 4);
    };
    const behind = (distance: number): number => {
      const from = this.#at - distance - 1;
      return window[from < 0 ? from + window.length : from] as number;
    };

    for (let made = 0; made < size; ) {
      const posState = this.#position & posMask;
      if (bit(IS_MATCH + state * POS_STATES + posState) === 0) {
        const previous = this.#filled === 0 ? 0 : behind(0);
        const coder = LITERAL + LITERAL_CODER * (((this.#position & literalPosMask) << lc) + (previous >> (8 - lc)));
        let symbol = 1;
        if (state >= 7) {
          if (rep0 >= this.#filled) throw damaged("it refers to what is not there");
          let match = behind(rep0);
          let offset = 0x100;
          while (symbol < 0x100) {
            match <<= 1;
            const matchBit = match & offset;
            const one = bit(coder + offset + matchBit + symbol);
            symbol = (symbol << 1) | one;
            offset &= one === 1 ? matchBit : ~matchBit;
          }
        } else {
          while (symbol < 0x100) symbol = (symbol << 1) | bit(coder + symbol);
        }
        out[made++] = symbol & 0xff;
        this.#put(symbol & 0xff);
        state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
        continue;
      }
      let length: number;
      if (bit(IS_REP + state) === 0) {
        [rep3, rep2, rep1] = [rep2, rep1, rep0];
        length = lengthOf(MATCH_LENGTH, posState);
        rep0 = distanceOf(length);
        state = state < 7 ? 7 : 10;
      } else if (bit(IS_REP0 + state) === 0) {
        if (bit(IS_REP0_LONG + state * POS_STATES + posState) === 0) {
          length = 1;
          state = state < 7 ? 9 : 11;
        } else {
          length = lengthOf(REP_LENGTH, posState);
          state = state < 7 ? 8 : 11;
        }
      } else {
        if (bit(IS_REP1 + state) === 0) [rep1, rep0] = [rep0, rep1];
        else if (bit(IS_REP2 + state) === 0) [rep2, rep1, rep0] = [rep1, rep0, rep2];
        else [rep3, rep2, rep1, rep0] = [rep2, rep1, rep0, rep3];
        length = lengthOf(REP_LENGTH, posState);
        state = state < 7 ? 8 : 11;
      }
      if (rep0 >= this.#filled) throw damaged("it refers to what is not there");
      if (length > size - made) throw damaged("a chunk is longer than it says");
      for (let i = 0; i < length; i++) {
        const byte = behind(rep0);
        out[made++] = byte;
        this.#put(byte);
      }
    }
    normalize();
    if (next !== packed.length || code !== 0) throw damaged("a chunk does not end where it says");
    this.#reps = [rep0, rep1, rep2, rep3];
    this.#state = state;
    return out;
  }
}
