import { nearest } from "./nearest.ts";
import { ProblemError } from "./problem.ts";

/** What a program must be made for to run. Build with {@link parsePlatform}, which normalizes: `arm64/v8` is `arm64`, `arm` is `arm/v7`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly "os.version"?: string;
  readonly "os.features"?: readonly string[];
}

// Source: containerd/platforms database.go (isKnownOS, isKnownArch), read 2026-11-22.
const KNOWN_OS = "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos".split(" ");
const KNOWN_ARCH =
  "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm".split(
    " ",
  );
const ALIASES: Readonly<Record<string, readonly [architecture: string, variant: string]>> = {
  i386: ["386", ""],
  x86_64: ["amd64", ""],
  "x86-64": ["amd64", ""],
  aarch64: ["arm64", ""],
  armhf: ["arm", "v7"],
  armel: ["arm", "v6"],
};
/** Platforms that images are published for, commonest first; what a wrong word is compared with. */
const COMMON = [
  "linux/amd64",
  "linux/arm64",
  "linux/arm/v7",
  "linux/arm/v6",
  "linux/386",
  "linux/ppc64le",
  "linux/s390x",
  "linux/riscv64",
  "linux/loong64",
  "windows/amd64",
  "darwin/arm64",
  "darwin/amd64",
];

const PART = /^[A-Za-z0-9_.-]+$/;
/** An operating system may carry its version: `windows(10.0.17763)`. */
const OS_PART = /^([A-Za-z0-9_.-]+)(?:\(([A-Za-z0-9_.-]*)\))?$/;

/**
 * Reads `os/arch[/variant]`, or one known word (an architecture then means linux, an operating system the machine's architecture).
 * @param local  what a missing half is taken from
 * @throws {ProblemError} `platform-malformed` | `platform-unknown` (with the nearest known platform as a hint)
 * @see containerd/platforms `Parse`
 */
export function parsePlatform(text: string, local: Platform = { os: "linux", architecture: "amd64" }): Platform {
  const parts = text.split("/");
  const osMatch = OS_PART.exec(parts[0] ?? "");
  if (parts.length > 3 || osMatch === null || !parts.slice(1).every((part) => PART.test(part))) {
    throw new ProblemError("platform-malformed", {
      message: `"${text}" is not a platform`,
      hint: "wanted os/arch or os/arch/variant, such as linux/arm64 or linux/arm/v7; several are separated by commas",
    });
  }
  const first = (osMatch[1] as string).toLowerCase();
  if (parts.length === 1) {
    const os = normalizeOs(first);
    if (KNOWN_OS.includes(os)) return platform(os, local.architecture, local.variant, osMatch[2]);
    const [architecture, variant] = normalizeArch(first, "");
    if (KNOWN_ARCH.includes(architecture)) return platform(local.os, architecture, variant);
    throw unknown(text, `"${text}" is neither an operating system nor an architecture that is known`);
  }
  const os = normalizeOs(first);
  const [architecture, variant] = normalizeArch((parts[1] as string).toLowerCase(), (parts[2] ?? "").toLowerCase());
  if (!KNOWN_OS.includes(os)) throw unknown(text, `platform "${text}" names the unknown operating system "${parts[0]}"`);
  if (!KNOWN_ARCH.includes(architecture)) throw unknown(text, `platform "${text}" names the unknown architecture "${parts[1]}"`);
  return platform(os, architecture, variant, osMatch[2]);
}

/** Reads what an image says of itself: no defaults, no refusal of unknown words, the variant normalized. */
export function platformOf(said: {
  os?: string | undefined;
  architecture?: string | undefined;
  variant?: string | undefined;
  "os.version"?: string | undefined;
  "os.features"?: readonly string[] | undefined;
}): Platform {
  const [architecture, variant] = normalizeArch((said.architecture ?? "").toLowerCase(), (said.variant ?? "").toLowerCase());
  const features = said["os.features"];
  return {
    ...platform(normalizeOs((said.os ?? "").toLowerCase()), architecture, variant, said["os.version"]),
    ...(features === undefined ? {} : { "os.features": features }),
  };
}

function platform(os: string, architecture: string, variant?: string, version?: string): Platform {
  return { os, architecture, ...(variant ? { variant } : {}), ...(version ? { "os.version": version } : {}) };
}

const normalizeOs = (os: string): string => (os === "macos" ? "darwin" : os);

function normalizeArch(architecture: string, variant: string): readonly [string, string] {
  const alias = ALIASES[architecture];
  const arch = alias?.[0] ?? architecture;
  const given = variant || alias?.[1] || "";
  if (arch === "arm64") return [arch, ["8", "v8", "v8.0"].includes(given) ? "" : ["9", "9.0", "v9.0"].includes(given) ? "v9" : given];
  if (arch === "amd64") return [arch, given === "v1" ? "" : given];
  if (arch === "arm") {
    if (given === "" || given === "7") return [arch, "v7"];
    return [arch, /^[568]$/.test(given) ? `v${given}` : given];
  }
  return [arch, given];
}

function unknown(text: string, message: string): ProblemError {
  const suggestion = nearest(text, COMMON) ?? nearest(text.includes("/") ? text : `linux/${text}`, COMMON);
  return new ProblemError("platform-unknown", {
    message,
    hint: suggestion === undefined ? `known ones are ${COMMON.slice(0, 8).join(", ")}` : `did you mean ${suggestion}?`,
  });
}

/** `os/arch[/variant]`, or `os(version)/arch` where the version is told. */
export function formatPlatform(p: Platform): string {
  const os = p["os.version"] === undefined ? p.os : `${p.os}(${p["os.version"]})`;
  return p.variant === undefined ? `${os}/${p.architecture}` : `${os}/${p.architecture}/${p.variant}`;
}

/** Folder name that BuildKit's local exporter gives a platform: `linux_arm_v7`. */
export const platformFolder = (p: Platform): string => formatPlatform(p).replaceAll("/", "_");

export const samePlatform = (a: Platform, b: Platform): boolean => formatPlatform(a) === formatPlatform(b);

/**
 * Which of `offered` suits `wanted` best, as containerd's `platforms.Only`: the platform itself, else what it can run
 * (`arm/v7` runs `arm/v6` and `arm/v5`; `arm64` runs them all; `amd64` runs `386`; `amd64/v3` runs `amd64`). Absent when none does.
 */
export function bestMatch<T extends { readonly platform: Platform }>(wanted: Platform, offered: readonly T[]): T | undefined {
  for (const accepted of runnable(wanted)) {
    const found = offered.find(
      ({ platform: p }) =>
        p.os === accepted.os && p.architecture === accepted.architecture && (p.variant ?? "") === (accepted.variant ?? "") && versionFits(accepted, p),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

function versionFits(wanted: Platform, offered: Platform): boolean {
  const version = wanted["os.version"];
  // A Windows base fits by build number (10.0.17763), not by revision.
  return version === undefined || offered["os.version"] === version || offered["os.version"]?.startsWith(`${version}.`) === true;
}

// Source: containerd/platforms compare.go (platformVector, arm64variantToVersion), read 2026-11-22.
function runnable(p: Platform): Platform[] {
  const like = (architecture: string, variant?: string): Platform => platform(p.os, architecture, variant, p["os.version"]);
  switch (p.architecture) {
    case "amd64":
      return [p, ...olderVariants(p.variant ?? "v1", 1).map((v) => like("amd64", v === "v1" ? undefined : v)), like("386")];
    case "arm":
      return [p, ...olderVariants(p.variant ?? "v7", 5).map((v) => like("arm", v))];
    case "arm64":
      return [p, ...olderArm64(p.variant).map((v) => like("arm64", v)), ...["v8", "v7", "v6", "v5"].map((v) => like("arm", v))];
    default:
      return [p];
  }
}

/** `v7`, down to 5: `v6`, `v5`. */
function olderVariants(variant: string, lowest: number): string[] {
  // No architecture has more than a handful; a hundred million of them would fill the memory.
  const top = Number(/^v(\d{1,2})$/.exec(variant)?.[1] ?? Number.NaN);
  return Number.isNaN(top) ? [] : Array.from({ length: Math.max(0, top - lowest) }, (_, i) => `v${top - 1 - i}`);
}

/** Armv9.N holds all of Armv8.(N+5); undefined stands for v8. */
function olderArm64(variant: string | undefined): (string | undefined)[] {
  const parts = /^v([89])(?:\.(\d))?$/.exec(variant ?? "v8");
  if (parts === null) return [];
  const [major, minor] = [Number(parts[1]), Number(parts[2] ?? 0)];
  const down = (of: number, from: number): (string | undefined)[] =>
    Array.from({ length: from + 1 }, (_, i) => (from - i === 0 ? (of === 8 ? undefined : "v9") : `v${of}.${from - i}`));
  return major === 9 ? [...down(9, minor).slice(1), ...down(8, Math.min(minor + 5, 9))] : down(8, minor).slice(1);
}
