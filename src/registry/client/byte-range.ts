/** What a Content-Range header says: bytes from `start` up to and without `end`, of `total` if told. */
export interface ContentRange {
  readonly start: number;
  readonly end: number;
  readonly total: number | undefined;
}

/** Reads `bytes 0-9/100` or `bytes 0-9/*`; undefined for anything else, or numbers that do not fit together. */
export function parseContentRange(header: string | undefined): ContentRange | undefined {
  const [, first, last, whole] = /^bytes\s+(\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(header?.trim() ?? "") ?? [];
  if (first === undefined || last === undefined) return undefined;
  const range = { start: Number(first), end: Number(last) + 1, total: whole === "*" ? undefined : Number(whole) };
  return range.start < range.end && range.end <= (range.total ?? range.end) ? range : undefined;
}

/** Bytes that an upload has, by its Range header (`0-99`, with or without `bytes=`): the number after the last. Undefined when it says nothing. */
export function uploadedBytes(header: string | undefined): number | undefined {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(header?.trim() ?? "")?.[1];
  // Distribution says "0-0" of an empty upload, and so of one that holds one byte: taken as empty, for one byte is soon sent again.
  return last === undefined ? undefined : last === "0" ? 0 : Number(last) + 1;
}
