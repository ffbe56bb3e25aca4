// POSIX.1-2017 pax, "ustar Interchange Format": field offsets and sizes in bytes.
export const BLOCK = 512;

export const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const satisfies Readonly<Record<string, readonly [offset: number, size: number]>>;

/** PAX records under this prefix hold extended attributes, raw. */
export const XATTR_PREFIX = "SCHILY.xattr.";

/** Sum of a header's bytes with the checksum field read as spaces. */
export function checksumOf(header: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < 148; i++) sum += header[i] as number;
  for (let i = 156; i < BLOCK; i++) sum += header[i] as number;
  return sum;
}
