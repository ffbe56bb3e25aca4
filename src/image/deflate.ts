import { MAX_MATCH, MIN_MATCH } from "./deflate-alphabet.ts";
import { type BitWriter, bitWriter } from "./deflate-bits.ts";
import { deflateBlock, writeStored } from "./deflate-block.ts";

export interface DeflateOptions {
  readonly level: 0 | 1 | 2 | 3;
  /** 8 or 9: how much is remembered, and how long a block gets. */
  readonly memLevel: 8 | 9;
  /** How it ends: `full`, on a byte boundary so that more may follow; `finish`, with a last block. Level 0 knows `full` only. */
  readonly flush: "full" | "finish";
  /** Node's buffer for the output: where it is full, zlib is called again, and the bytes show it sometimes. */
  readonly chunkSize: number;
}

const WINDOW = 32 * 1024;
/** zlib reads on when less than this is ahead of it. */
const MIN_LOOKAHEAD = MAX_MATCH + MIN_MATCH + 1;
const MAX_DISTANCE = WINDOW - MIN_LOOKAHEAD;
/** A hash is of four bytes, which may be more than there are. */
const BEYOND = 8;

/** For each level: matches no longer than `insert` are remembered byte by byte; one of `nice` ends the search, as do `chain` tries. */
const SEARCH = [
  { insert: 4, nice: 8, chain: 4 },
  { insert: 5, nice: 16, chain: 8 },
  { insert: 6, nice: 32, chain: 32 },
] as const;

/**
 * Raw deflate with the bytes that Node's own zlib gives: Chromium's 1.3.1, without preset dictionary (learned 2026-11-22 from its deflate.c, trees.c and
 * insert_string.h, and held against `node:zlib` by the tests). For Nodes with another zlib.
 * @param input  all of it, at most 2³⁰ bytes
 */
export function deflateAsNode(input: Uint8Array, options: DeflateOptions): Uint8Array {
  const out = bitWriter(input.length + (input.length >> 3) + 1024);
  const room = outputRoom(out, options.chunkSize);
  if (options.level === 0) storeAll(input, options, out, room);
  else compress(input, options, out, room);
  if (options.flush === "full") {
    do writeStored(out, EMPTY, false);
    while (room.isFull());
  }
  return out.take();
}

const EMPTY = new Uint8Array(0);

interface OutputRoom {
  /** Whether the buffer got full; then there is a next one. */
  isFull(): boolean;
  /** Bytes that fit. */
  left(): number;
}

function outputRoom(out: BitWriter, chunkSize: number): OutputRoom {
  let end = chunkSize;
  return {
    isFull() {
      if (out.size() < end) return false;
      while (out.size() >= end) end += chunkSize;
      return true;
    },
    left: () => end - out.size(),
  };
}

function compress(input: Uint8Array, options: DeflateOptions, out: BitWriter, room: OutputRoom): void {
  const { insert, nice, chain } = SEARCH[(options.level - 1) as 0 | 1 | 2];
  const hashMask = (1 << (options.memLevel + 7)) - 1;
  const block = deflateBlock((1 << (options.memLevel + 6)) - 1);
  // The window is as zlib's, down to what an earlier content left behind the end: the hash of the last three bytes takes in one more.
  const window = new Uint8Array(2 * WINDOW + BEYOND);
  /** The latest place with a hash; 0: none. So the first byte of the window is never matched. */
  const head = new Uint16Array(hashMask + 1);
  /** The place before with the same hash, of each of the latest {@link WINDOW} places. */
  const previous = new Uint16Array(WINDOW);
  let read = 0;
  let start = 0;
  let ahead = 0;
  /** Where the deflate block began; below 0 when that has left the window. */
  let blockStart = 0;
  let matchStart = 0;

  function fill(): void {
    do {
      if (start >= WINDOW + MAX_DISTANCE) {
        // What is ahead goes down, too; nothing behind it is touched.
        window.copyWithin(0, WINDOW, start + ahead);
        start -= WINDOW;
        blockStart -= WINDOW;
        slide(head);
        slide(previous);
      }
      if (read === input.length) return;
      const length = Math.min(2 * WINDOW - start - ahead, input.length - read);
      window.set(input.subarray(read, read + length), start + ahead);
      read += length;
      ahead += length;
    } while (ahead < MIN_LOOKAHEAD && read < input.length);
  }

  /** @returns the place before with the same hash */
  function remember(place: number): number {
    const four =
      (window[place] as number) | ((window[place + 1] as number) << 8) | ((window[place + 2] as number) << 16) | ((window[place + 3] as number) << 24);
    const hash = ((Math.imul(four, 66521) + 66521) >>> 16) & hashMask;
    const before = head[hash] as number;
    previous[place & (WINDOW - 1)] = before;
    head[hash] = place;
    return before;
  }

  /** The longest match of three bytes or more among the first `chain`, at `matchStart`; less: none. */
  function longestMatch(first: number): number {
    const limit = start > MAX_DISTANCE ? start - MAX_DISTANCE : 0;
    const enough = Math.min(nice, ahead);
    let best = MIN_MATCH - 1;
    let candidate = first;
    let tries = chain as number;
    do {
      if (
        window[candidate + best] === window[start + best] &&
        window[candidate + best - 1] === window[start + best - 1] &&
        window[candidate] === window[start] &&
        window[candidate + 1] === window[start + 1]
      ) {
        let length = MIN_MATCH;
        while (length < MAX_MATCH && window[candidate + length] === window[start + length]) length++;
        if (length > best) {
          matchStart = candidate;
          best = length;
          if (length >= enough) break;
        }
      }
      candidate = previous[candidate & (WINDOW - 1)] as number;
    } while (candidate > limit && --tries !== 0);
    return Math.min(best, ahead);
  }

  function writeBlock(final: boolean): void {
    block.write(out, blockStart >= 0 ? window.subarray(blockStart, start) : undefined, final);
    blockStart = start;
    room.isFull();
  }

  for (;;) {
    if (ahead < MIN_LOOKAHEAD) {
      fill();
      if (ahead === 0) break;
    }
    const candidate = ahead >= MIN_MATCH ? remember(start) : 0;
    const length = candidate !== 0 && start - candidate <= MAX_DISTANCE ? longestMatch(candidate) : 0;
    let full: boolean;
    if (length >= MIN_MATCH) {
      full = block.match(length, start - matchStart);
      ahead -= length;
      const end = start + length;
      if (length <= insert && ahead >= MIN_MATCH) while (++start < end) void remember(start);
      start = end;
    } else {
      full = block.literal(window[start] as number);
      ahead--;
      start++;
    }
    if (full) writeBlock(false);
  }
  if (options.flush === "finish") writeBlock(true);
  else if (!block.isEmpty()) writeBlock(false);
}

/** What is less than a window away stays known. */
function slide(places: Uint16Array): void {
  for (let i = 0; i < places.length; i++) {
    const place = places[i] as number;
    places[i] = place >= WINDOW ? place - WINDOW : 0;
  }
}

const MOST_STORED = 65535;
/** Before the content of a stored block that begins on a byte boundary. */
const STORED_HEADER = 5;

/**
 * Level 0: blocks as long as they can be, which the room in the output decides, and, where there is none, that in the window: what zlib has read into it
 * must go out of it.
 */
function storeAll(input: Uint8Array, options: DeflateOptions, out: BitWriter, room: OutputRoom): void {
  const pendingSize = 4 << (options.memLevel + 6);
  /** Read from the input, and written. */
  let read = 0;
  let written = 0;
  /** Ends of what is in the window, and of its written part. */
  let start = 0;
  let blockStart = 0;

  const store = (length: number): void => {
    writeStored(out, input.subarray(written, written + length), false);
    written += length;
  };

  for (;;) {
    const before = read;
    for (;;) {
      const fits = room.left() - STORED_HEADER;
      if (fits < 0) break;
      const all = start - blockStart + input.length - read;
      const length = Math.min(MOST_STORED, all, fits);
      if (length < Math.min(pendingSize - STORED_HEADER, WINDOW) && (length === 0 || length !== all)) break;
      store(length);
      const fromWindow = Math.min(start - blockStart, length);
      blockStart += fromWindow;
      read += length - fromWindow;
    }
    const used = read - before;
    if (used > 0) {
      if (used >= WINDOW) start = WINDOW;
      else {
        if (2 * WINDOW - start <= used) start -= WINDOW;
        start += used;
      }
      blockStart = start;
    }
    if (read === input.length && start === blockStart) return;
    let space = 2 * WINDOW - start;
    if (input.length - read > space && blockStart >= WINDOW) {
      blockStart -= WINDOW;
      start -= WINDOW;
      space += WINDOW;
    }
    const more = Math.min(space, input.length - read);
    read += more;
    start += more;
    const most = Math.min(pendingSize - STORED_HEADER, MOST_STORED);
    const left = start - blockStart;
    if (left >= Math.min(most, WINDOW) || (left > 0 && read === input.length && left <= most)) {
      const length = Math.min(left, most);
      store(length);
      blockStart += length;
    }
    if (!room.isFull()) return;
  }
}
