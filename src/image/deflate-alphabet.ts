/** Literals, end of block, lengths: RFC 1951, 3.2.5. */
export const LITERAL_CODES = 286;
export const DISTANCE_CODES = 30;
export const END_OF_BLOCK = 256;
export const MIN_MATCH = 3;
export const MAX_MATCH = 258;

/** Extra bits of each length code (257 is the first), and of each distance code. */
export const LENGTH_EXTRA = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
export const DISTANCE_EXTRA = Uint8Array.from({ length: DISTANCE_CODES }, (_, code) => Math.max(0, (code >> 1) - 1));

/** The first length (less {@link MIN_MATCH}) of each length code, and the first distance (less 1) of each distance code. */
export const LENGTH_BASE = new Uint8Array(LENGTH_EXTRA.length);
export const DISTANCE_BASE = new Uint16Array(DISTANCE_CODES);

/** The length code of a length less {@link MIN_MATCH}. */
export const LENGTH_CODE = new Uint8Array(MAX_MATCH - MIN_MATCH + 1);

/** The distance code of a distance less 1: below 256 by itself, above by its upper bits. */
const DISTANCE_CODE = new Uint8Array(512);

export function distanceCode(distanceLess1: number): number {
  return DISTANCE_CODE[distanceLess1 < 256 ? distanceLess1 : 256 + (distanceLess1 >> 7)] as number;
}

let length = 0;
for (let code = 0; code < LENGTH_EXTRA.length - 1; code++) {
  LENGTH_BASE[code] = length;
  for (let n = 1 << (LENGTH_EXTRA[code] as number); n > 0; n--) LENGTH_CODE[length++] = code;
}
// The longest match has a code of its own, without extra bits.
LENGTH_CODE[MAX_MATCH - MIN_MATCH] = LENGTH_EXTRA.length - 1;
LENGTH_BASE[LENGTH_EXTRA.length - 1] = MAX_MATCH - MIN_MATCH;

let distance = 0;
for (let code = 0; code < DISTANCE_CODES; code++) {
  DISTANCE_BASE[code] = distance;
  const next = distance + (1 << (DISTANCE_EXTRA[code] as number));
  for (; distance < next; distance += distance < 256 ? 1 : 128) DISTANCE_CODE[distance < 256 ? distance : 256 + (distance >> 7)] = code;
}
