import { remembered } from "../core/remembered.ts";
import { exportersOf } from "../simulate/exporters.ts";
import type { Build } from "../simulate/operation.ts";
import type { Text } from "../simulate/text.ts";

/** Whether a build pushes, and under a name or by its digest alone. Undefined: unknown. */
export interface Publishing {
  readonly pushes: boolean | undefined;
  /** It pushes platforms to be merged into an index later. */
  readonly byDigest: boolean | undefined;
}

export const publishingOf: (build: Build) => Publishing = remembered(readPublishing);

function readPublishing(build: Build): Publishing {
  const all = exportersOf(build);
  const some = (answers: readonly (boolean | undefined)[]): boolean | undefined =>
    answers.includes(true) ? true : answers.every((one) => one === false) ? false : undefined;
  const open = build.outputs.open;
  const pushes = some(all.map((one) => (one.push === false ? false : one.certain ? one.push : undefined)));
  return { pushes: pushes === false && open ? undefined : pushes, byDigest: some(all.map(({ pushByDigest }) => pushByDigest)) };
}

/** An image's name with its tag apart. */
export interface NamedImage {
  /** As shown: `ghcr.io/${{ github.repository }}`. */
  readonly repository: string;
  readonly tag: string | undefined;
}

/** Undefined where nothing of the name is known, or where it is named by its digest. */
export function namedImage({ parts }: Text): NamedImage | undefined {
  if (typeof parts[0] !== "string" && parts.length === 1) return undefined;
  // What stands in a hole is no part of the name's form.
  const holes: string[] = [];
  const form = parts
    .map((part) => (typeof part === "string" ? part : `\u0001${holes.push(part.source.startsWith("$") ? part.source : `\${{ ${part.source} }}`) - 1}\u0001`))
    .join("");
  if (form.includes("@")) return undefined;
  const colon = form.lastIndexOf(":");
  const hasTag = colon > form.lastIndexOf("/");
  const shown = (text: string): string => text.replace(/\u0001(\d+)\u0001/g, (_, index: string) => holes[Number(index)] ?? "");
  return { repository: shown(hasTag ? form.slice(0, colon) : form), tag: hasTag ? shown(form.slice(colon + 1)) : undefined };
}

/** The last part of a repository's name, which stays the same from registry to registry. */
export const baseName = (repository: string): string => repository.slice(repository.lastIndexOf("/") + 1);

const ARCHITECTURE =
  /(?:^|[^a-z0-9])(?:amd64|x86[_-]?64|x64|i?386|aarch64|arm(?:64|32|hf|el|v[5-8])?(?:v[5-8])?|ppc64(?:le)?|s390x|riscv64|mips64(?:le)?|loong64)(?:$|[^a-z0-9])/i;

/** Whether a name says of which architecture the image is: it is meant for one. */
export const namesArchitecture = (name: string): boolean => ARCHITECTURE.test(name);
