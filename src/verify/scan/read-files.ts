const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Files whose content rules read, and the most bytes of one: a larger file is not kept. `*` stands for any name.
 * Packages of a whole desktop have some 15 MiB of status, a small image 100 KiB.
 */
export const READ_FILES: Readonly<Record<string, number>> = {
  "etc/os-release": 64 * KIB,
  "usr/lib/os-release": 64 * KIB,
  "var/lib/dpkg/status": 32 * MIB,
  "var/lib/dpkg/status.d/*": MIB,
  "var/lib/apt/extended_states": 4 * MIB,
  "etc/apk/world": MIB,
  "lib/apk/db/installed": 32 * MIB,
  "usr/lib/apk/db/installed": 32 * MIB,
  "etc/ld.so.cache": 16 * MIB,
  "etc/ld.so.conf": 64 * KIB,
  "etc/ld.so.conf.d/*.conf": 64 * KIB,
  "etc/ld.so.preload": 64 * KIB,
  "etc/ld-musl-*.path": 64 * KIB,
  "etc/passwd": MIB,
  "etc/group": MIB,
};

const EXACT: ReadonlyMap<string, number> = new Map(Object.entries(READ_FILES).filter(([pattern]) => !pattern.includes("*")));
const PATTERNS = Object.entries(READ_FILES).flatMap(([pattern, limit]) => {
  const star = pattern.indexOf("*");
  return star === -1 ? [] : [{ before: pattern.slice(0, star), after: pattern.slice(star + 1), limit }];
});

/** Most bytes of the file of a layer that rules read; undefined for a path that none reads. */
export function readLimit(path: string): number | undefined {
  const exact = EXACT.get(path);
  if (exact !== undefined) return exact;
  for (const { before, after, limit } of PATTERNS) {
    if (path.startsWith(before) && path.endsWith(after) && path.length > before.length + after.length && !path.includes("/", before.length)) return limit;
  }
  return undefined;
}
