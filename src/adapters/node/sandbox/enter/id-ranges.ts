import { readFileSync } from "node:fs";

/** A line of `/proc/PID/uid_map`: ids from `inside` on are those from `outside` on. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** A whole map, as `/proc/PID/uid_map` takes it. */
export const mapText = (ranges: readonly IdRange[]): string => ranges.map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`).join("");

/** How many ids there are, from 0 without a gap. */
export const idCount = (ranges: readonly IdRange[]): number => ranges.reduce((sum, { count }) => sum + count, 0);

/** The ids that this process's user namespace has. */
export const ownIds = (kind: "uid" | "gid"): IdRange[] => parseMap(readFileSync(`/proc/self/${kind}_map`, "utf8"));

export function parseMap(text: string): IdRange[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((numbers) => numbers.length === 3)
    .map(([inside, outside, count]) => ({ inside: inside as number, outside: outside as number, count: count as number }));
}

/**
 * Lines of /etc/subuid or /etc/subgid that are a user's (`NAME:START:COUNT`, or the uid for a name), as a map: the user's own id is 0, then one range after another.
 * Empty when there is none.
 */
export function subordinateMap(text: string, names: readonly string[], own: number): IdRange[] {
  const ranges = text
    .split("\n")
    .map((line) => /^([^:#]+):(\d+):(\d+)\s*$/.exec(line))
    .filter((match) => match !== null && names.includes(match[1] as string))
    .map((match) => ({ outside: Number(match?.[2]), count: Number(match?.[3]) }))
    .filter(({ count }) => count > 0);
  if (ranges.length === 0) return [];
  const map: IdRange[] = [{ inside: 0, outside: own, count: 1 }];
  for (const { outside, count } of ranges) map.push({ inside: idCount(map), outside, count });
  return map;
}

/** Ids for namespace root that are nobody's on the machine. Docker's and Podman's users have theirs elsewhere. */
const SHIFTED: IdRange = { inside: 0, outside: 1_000_000, count: 65_536 };
/**
 * For owners that images seldom have, as those of a directory service. Nobody is given ids of the upper half.
 * Source: https://systemd.io/UIDS-GIDS/, read 2026-11-22.
 */
const SHIFTED_MORE: IdRange = { inside: 65_536, outside: 2 ** 31, count: 2 ** 31 - 65_536 };

/**
 * The map for root. Shifted, because root's own id, in whatever namespace, may write what the kernel asks no capability for (/proc/sys/kernel/core_pattern).
 * In a namespace that lacks those ids: those that there are, where the machine's root is not among them.
 */
export function rootMap(own: readonly IdRange[]): IdRange[] {
  const has = ({ outside, count }: IdRange): boolean => own.some((one) => one.inside <= outside && one.inside + one.count >= outside + count);
  if (has(SHIFTED)) return has(SHIFTED_MORE) ? [SHIFTED, SHIFTED_MORE] : [SHIFTED];
  return own.map(({ inside, count }) => ({ inside, outside: inside, count })).filter(({ inside }, at, all) => inside === idCount(all.slice(0, at)));
}
