import type { EngineName } from "./engines.ts";
import type { ResultListing } from "./listing.ts";

type Words = Readonly<Record<string, string>>;

/** What a build came to: an image, or a refusal with the last words of the engine. */
export type Outcome = { readonly built: ResultListing } | { readonly refused: string };

export interface DifferenceOptions {
  readonly times: boolean;
  /** What the left and right engine are called. */
  readonly names: readonly [EngineName, EngineName];
  /** Paths of files that are not looked at. */
  readonly leaveOut?: readonly RegExp[];
}

/** Where two outcomes differ, one short line each: `linux/amd64 /etc/x: mode 0644≠0600`. */
export function differences(left: Outcome, right: Outcome, options: DifferenceOptions): string[] {
  const [one, two] = options.names;
  if ("refused" in left && "refused" in right) return [];
  if ("refused" in left) return [`${one} refused what ${two} built: ${left.refused}`];
  if ("refused" in right) return [`${two} refused what ${one} built: ${right.refused}`];
  const out = [...recordDifferences("", left.built.shape, right.built.shape)];
  for (const platform of keysOf(left.built.images, right.built.images)) {
    const a = left.built.images[platform];
    const b = right.built.images[platform];
    if (a === undefined || b === undefined) {
      out.push(`${platform}: only ${a === undefined ? two : one} has it`);
      continue;
    }
    for (const path of keysOf(a.files, b.files)) {
      // The folder that an output is written to is its owner's.
      if (platform === "files" && path === "/") continue;
      if (options.leaveOut?.some((pattern) => pattern.test(path))) continue;
      const x = a.files[path];
      const y = b.files[path];
      if (x === undefined || y === undefined) out.push(`${platform} ${path}: only ${x === undefined ? two : one} has it`);
      else
        out.push(
          ...recordDifferences(
            `${platform} ${path}: `,
            options.times ? folderTimeRaced(x, y, one) : { ...x, mtime: "any" },
            options.times ? y : { ...y, mtime: "any" },
          ),
        );
    }
    out.push(...recordDifferences(`${platform} config `, a.config, b.config));
    for (const odd of a.oddities) if (!b.oddities.includes(odd)) out.push(`${platform} ${one}: ${odd}`);
    for (const odd of b.oddities) if (!a.oddities.includes(odd)) out.push(`${platform} ${two}: ${odd}`);
  }
  return sameOnEveryPlatform(out, keysOf(left.built.images, right.built.images));
}

/**
 * BuildKit's transfer of a context sets a folder's time and may then still write files into it, so the folder's own time or the build's comes out, by chance
 * (seen with 0.25 and 0.34 on 2026-11-22). A peer's chance is forgiven; ours must be right when the peer was.
 */
function folderTimeRaced(left: Words, right: Words, leftName: EngineName): Words {
  if (left.type !== "folder" || right.type !== "folder") return left;
  return right.mtime === "build" || (left.mtime === "build" && leftName !== "ours") ? { ...left, mtime: right.mtime ?? "" } : left;
}

function recordDifferences(prefix: string, a: Words, b: Words): string[] {
  return keysOf(a, b).flatMap((key) => {
    if (a[key] === b[key] || (key.includes("raw ") && areAlike(a[key], b[key]))) return [];
    const [x, y] = excerpts(a[key] ?? "absent", b[key] ?? "absent");
    return [`${prefix}${key} ${x}≠${y}`];
  });
}

/**
 * Whether two documents differ only in what BuildKit may keep for itself: Go's `null` for what is not there (the OCI schema wants a list), the mark of its own
 * that it leaves on layers whose times it has clamped, and the time at which it wrote an archive (ours has that of its newest image, to be the same each time).
 */
function areAlike(a: string | undefined, b: string | undefined): boolean {
  const whenWritten = [a, b].some((text) => text?.includes('image.created":"build"'));
  const plain = (text: string | undefined): string | undefined =>
    text
      ?.replace(/"created":null,/g, "")
      .replace(/("(?:layers|diff_ids|history|Layers)": ?)null/g, "$1[]")
      .replace(/,\n +"annotations": \{\n +"buildkit\/rewritten-timestamp": "[0-9]+"\n +\}/g, "")
      .replace(/(image\.created":")[^"]*/g, whenWritten ? "$1build" : "$&");
  return plain(a) === plain(b);
}

const LONGEST_SHOWN = 300;

/** Of long texts, what is around their first difference. */
function excerpts(a: string, b: string): readonly [string, string] {
  if (a.length <= LONGEST_SHOWN && b.length <= LONGEST_SHOWN) return [a, b];
  let at = 0;
  while (a[at] === b[at]) at++;
  const around = (text: string): string => `…${text.slice(Math.max(0, at - 60), at + 100).replaceAll("\n", "\\n")}…`;
  return [around(a), around(b)];
}

const keysOf = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();

/** A line that holds for every platform is said once. */
function sameOnEveryPlatform(lines: readonly string[], platforms: readonly string[]): string[] {
  const first = platforms[0];
  if (first === undefined || platforms.length < 2) return [...lines];
  const all = new Set(lines);
  const common = new Set<string>();
  for (const line of lines) {
    if (line.startsWith(`${first} `) && platforms.every((platform) => all.has(platform + line.slice(first.length)))) common.add(line.slice(first.length + 1));
  }
  const rest = lines.filter((line) => !platforms.some((platform) => line.startsWith(`${platform} `) && common.has(line.slice(platform.length + 1))));
  return [...[...common].map((line) => `all: ${line}`), ...rest];
}
