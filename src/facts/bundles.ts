import words from "../../data/architecture-words.json" with { type: "json" };
import data from "../../data/bundles.json" with { type: "json" };

/** Which platforms a file's or folder's name speaks of. */
export interface PlatformWords {
  /** The name with such words blotted out: names of one set have one shape. */
  readonly shape: string;
  /** As GOARCH. */
  readonly architectures: ReadonlySet<string>;
  /** It names another system than Linux. */
  readonly otherSystem: boolean;
}

const architectureOf: ReadonlyMap<string, string> = new Map(
  [...Object.entries<readonly string[]>(words.words), ...Object.entries<readonly string[]>(data.moreWords)].flatMap(([name, all]) =>
    all.map((word) => [word, name] as const),
  ),
);
const others: ReadonlySet<string> = new Set(data.others);
const folders: ReadonlySet<string> = new Set(data.folders);
const programs = data.programs.map((pattern) => new RegExp(pattern));

const LONGEST_FIRST = [...architectureOf.keys(), ...data.linux, ...data.others].sort((a, b) => b.length - a.length);
const WORD = new RegExp(`(?<![a-z0-9])(?:${LONGEST_FIRST.join("|")})(?![a-z0-9])`, "g");
const ARCHITECTURE = new RegExp(`(?<![a-z0-9])(?:${[...architectureOf.keys()].sort((a, b) => b.length - a.length).join("|")})(?![a-z0-9])`);

/** Reads `linux-x64`, `sharp-darwin-arm64`, `foo.cpython-311-x86_64-linux-gnu.so`; undefined for a name without an architecture. */
export function platformWords(name: string): PlatformWords | undefined {
  const lower = name.toLowerCase();
  if (!ARCHITECTURE.test(lower)) return undefined;
  const architectures = new Set<string>();
  let otherSystem = false;
  const shape = lower.replace(WORD, (word) => {
    const architecture = architectureOf.get(word);
    if (architecture !== undefined) architectures.add(architecture);
    if (others.has(word)) otherSystem = true;
    return "*";
  });
  return { shape: shape.replace(/\*(?:[-_.]?\*)+/g, "*"), architectures, otherSystem };
}

/** Whether a folder of that name is a system's tools for another one: `aarch64-linux-gnu`, `x86_64-unknown-linux-musl`, `arm-none-eabi`. */
export const isTriplet = (name: string): boolean =>
  /^(?:[a-z0-9_]+)-(?:[a-z0-9]+-)?(?:linux|none|elf|unknown|android)(?:-?[a-z0-9]+)?$/.test(name) && ARCHITECTURE.test(name);

/** Whether what lies in a folder of that name is meant for other machines: test data, firmware, cross tools. */
export const isFolderOfOtherMachines = (name: string): boolean => folders.has(name);

/** Whether a program of that name is put into images of other platforms on purpose: an emulator. */
export const isGuestProgram = (name: string): boolean => programs.some((pattern) => pattern.test(name));
