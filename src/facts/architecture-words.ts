import table from "../../data/architecture-words.json" with { type: "json" };

const VARIABLES: ReadonlySet<string> = new Set(table.variables);
const WORDS = Object.values(table.words)
  .flat()
  .sort((a, b) => b.length - a.length)
  .join("|");
const WORD = new RegExp(`(?<![A-Za-z0-9])(?:${WORDS})(?:[/_-]?v[5-8][al]?)?(?![A-Za-z0-9])`, "gi");
/** Whether it is worth while to look for words at all: most names have none. */
const HINT = /64|86|arm|s390|mips|riscv|loongarch|rv64|systemz|sbsa|linux32|ia32/i;
const TUPLE = new RegExp(
  `\\{arch\\}(?:-(?:${table.vendors.join("|")}))?-linux(?:-?(?:gnu|musl|uclibc))?-?(?:eabihf|eabi|abi64|abin32|x32|ilp32|sf|f32)?(?![a-z0-9])`,
  "gi",
);

/**
 * The text with `{arch}` for each word that names an architecture: what is alike on two architectures then is the same. `/usr/lib/x86_64-linux-gnu/a.so` and
 * `/usr/lib/arm-linux-gnueabihf/a.so` are `/usr/lib/{arch}-linux/a.so`.
 */
export const withoutArchitecture = (text: string): string => (HINT.test(text) ? text.replace(WORD, "{arch}").replace(TUPLE, "{arch}-linux") : text);

/** Whether a variable tells of the architecture, whatever its value. */
export const isArchitectureVariable = (name: string): boolean => VARIABLES.has(name) || withoutArchitecture(name) !== name;

/** Whether a package is there on some architectures only, or in other versions, as its name tells: libraries, kernels, boot loaders, drivers, compilers. */
export const isArchitecturePackage = (name: string): boolean => table.packages.some((start) => name.startsWith(start)) || withoutArchitecture(name) !== name;
