/** Words that name an architecture in file names, compilers' flags and addresses, by the architecture of platforms. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  amd64: ["amd64", "x86_64", "x86-64", "x64", "linux64"],
  arm64: ["arm64", "aarch64", "arm64v8"],
  arm: ["armhf", "armv7l", "armv7", "armv6l", "armv6", "arm32v7", "arm32v6"],
  "386": ["i386", "i686"],
  ppc64le: ["ppc64le", "powerpc64le"],
  s390x: ["s390x"],
  riscv64: ["riscv64", "riscv64gc"],
};

const ARCHITECTURE_OF: ReadonlyMap<string, string> = new Map(Object.entries(WORDS).flatMap(([name, words]) => words.map((word) => [word, name])));
const LONGEST_FIRST = [...ARCHITECTURE_OF.keys()].sort((a, b) => b.length - a.length).join("|");
const WORD = new RegExp(`(?<![A-Za-z0-9])(?:${LONGEST_FIRST})(?![A-Za-z0-9])`, "gi");

/** An architecture that a text names. */
export interface ArchitectureWord {
  readonly word: string;
  readonly architecture: string;
  readonly index: number;
}

/** Every one, in order. `x86_64-unknown-linux` has one, `example64` none. */
export function architectureWords(text: string): readonly ArchitectureWord[] {
  return [...text.matchAll(WORD)].map(({ 0: word, index }) => ({ word, architecture: ARCHITECTURE_OF.get(word.toLowerCase()) as string, index }));
}

/** Ways in which a script asks for the architecture, or is told it. */
const ASKS =
  /\buname\b|--print-(?:foreign-)?arch|\$\(\s*arch\s*\)|`arch`|\b(?:TARGET|BUILD)(?:ARCH|PLATFORM|VARIANT)\b|HOSTTYPE|MACHTYPE|rpm\s+(?:-E|--eval)|rustc\s+-\S*vV|go\s+env\b|\bxx-/;

/** Whether a script looks at the architecture by itself, or has something for several: what it names is then likely a choice. */
export const choosesArchitecture = (script: string): boolean =>
  ASKS.test(script) || new Set(architectureWords(script).map(({ architecture }) => architecture)).size > 1;
