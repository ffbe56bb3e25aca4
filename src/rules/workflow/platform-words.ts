import { formatPlatform, parsePlatform } from "../../core/platform.ts";
import { isProblem, type ProblemError } from "../../core/problem.ts";

/** Words that people write for an architecture, and that no tool knows. */
const MEANT: Readonly<Record<string, string>> = {
  armv5: "arm/v5",
  armv6: "arm/v6",
  armv7: "arm/v7",
  armv7l: "arm/v7",
  arm7: "arm/v7",
  arm6: "arm/v6",
  armv8: "arm64",
  arm8: "arm64",
  arm64v8: "arm64",
  arm32v5: "arm/v5",
  arm32v6: "arm/v6",
  arm32v7: "arm/v7",
  "arm64-v8": "arm64",
  "arm-v7": "arm/v7",
  "arm-v6": "arm/v6",
  x86: "386",
  x32: "386",
  i686: "386",
  x64: "amd64",
  amd: "amd64",
  amr64: "arm64",
  adm64: "amd64",
  x86_64_v2: "amd64/v2",
  riscv: "riscv64",
  ppc64el: "ppc64le",
  ppcle: "ppc64le",
  loongarch64: "loong64",
};
/** Of WebAssembly, which containerd's table lacks and Docker builds. */
const WASM = /^(?:wasi|wasip1)\/wasm(?:32)?$|^linux\/wasm32$/i;

/** What is wrong with a platform's name; undefined when it is one. */
export interface WrongPlatform {
  readonly problem: ProblemError;
  /** What was probably meant; several where a comma is missing. */
  readonly meant: readonly string[] | undefined;
  /** The only thing it can mean, not only the nearest. */
  readonly sure: boolean;
  /** What Buildx says of it before it builds; undefined where it takes it. */
  readonly said: string | undefined;
}

export function wrongPlatform(text: string): WrongPlatform | undefined {
  if (text.toLowerCase() === "local" || WASM.test(text)) return undefined;
  try {
    parsePlatform(text);
    return undefined;
  } catch (problem) {
    if (!isProblem(problem)) throw problem;
    const meant = meantBy(text);
    const near = meant === undefined ? /^did you mean (\S+)\?$/.exec(problem.hint ?? "")?.[1] : undefined;
    return { problem, meant: near === undefined ? meant : [near], sure: meant !== undefined, said: saidOf(text) };
  }
}

function meantBy(text: string): readonly string[] | undefined {
  const words = text.split(/[\s;|+]+|(?<=\w)(?=linux\/)/).filter((word) => word !== "");
  if (words.length > 1 && words.every((word) => wrongPlatform(word) === undefined)) return words;
  const trimmed = text.replace(/^["'/]+|["'/]+$/g, "").replaceAll("\\", "/");
  if (trimmed !== text && trimmed.includes("/") && wrongPlatform(trimmed) === undefined) return [trimmed];
  const parts = text.toLowerCase().split("/");
  const word = parts.length > 1 ? parts.slice(1).join("/") : (parts[0] ?? "");
  const known = Object.hasOwn(MEANT, word) ? MEANT[word] : undefined;
  return known === undefined ? undefined : [formatPlatform(parsePlatform(`${parts.length > 1 ? parts[0] : "linux"}/${known}`))];
}

/** @see containerd/platforms `Parse` */
function saidOf(text: string): string | undefined {
  const parts = text.split("/");
  const wrong = parts.slice(1, 4).find((part) => !/^[A-Za-z0-9_.-]+$/.test(part));
  const isSystem = /^[A-Za-z0-9_.-]+$/.test(parts[0] ?? "");
  if (!isSystem || text.includes("*")) return undefined;
  if (wrong !== undefined) {
    return parts.length > 4
      ? undefined
      : `"${wrong}" is an invalid component of "${text}": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument`;
  }
  if (parts.length === 1) return `"${text}": unknown operating system or architecture: invalid argument`;
  return parts.length > 3 ? `"${text}": cannot parse platform specifier: invalid argument` : undefined;
}
