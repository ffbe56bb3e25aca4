import { platformWords } from "../../../../facts/bundles.ts";
import { architecturesOf, kindOf, type Misfit, misfitOf, osOf } from "../../../binary/fit.ts";
import type { NestedBinary } from "../../../scan/contents.ts";
import { bundlesIn } from "../../../start/bundled.ts";
import { baseName } from "../../../start/names.ts";
import type { ImageLayer, PlatformImage } from "../../../subject.ts";

/** An archive whose native code is all for other processors, while it has some of this system. */
export interface ForeignArchive {
  /** The file, absolute. */
  readonly path: string;
  /** The same, or the archive in it: `/app.jar!/BOOT-INF/lib/native.jar`. */
  readonly name: string;
  readonly layer: ImageLayer;
  /** Of the first binary. */
  readonly misfit: Misfit;
  /** That binary's path in the archive. */
  readonly first: string;
}

/** Those of the final file system, in the order of paths; one of a set for several platforms is left out. */
export function foreignArchivesOf({ files, platform }: PlatformImage): readonly ForeignArchive[] {
  if (files === undefined) return [];
  const isBundled = bundlesIn(files);
  const found: ForeignArchive[] = [];
  for (const [path, node] of files.walk()) {
    const layer = node.source;
    const nested = node.type === "file" ? layer?.contents?.nested?.get(node.offset) : undefined;
    if (nested === undefined || layer === undefined) continue;
    const native = nested.filter(({ binary }) => ["program", "library"].includes(kindOf(binary)) && osOf(binary) === platform.os);
    const parts = partsOf(native);
    for (const [part, binaries] of parts) {
      const misfits = binaries.map(({ binary }) => misfitOf(binary, platform));
      const [misfit] = misfits;
      if (misfit === undefined || misfits.some((one) => one?.runs !== "never")) continue;
      const architectures = binaries.flatMap(({ binary }) => architecturesOf(binary));
      if (isBundled(path, architectures) || hasSibling(part, [...parts.keys()])) continue;
      found.push({ path: `/${path}`, name: part === "" ? `/${path}` : `/${path}!/${part}`, layer, misfit, first: inPart(binaries[0] as NestedBinary) });
    }
  }
  return found;
}

/** By the archive in the archive; "" for the outer one. */
function partsOf(binaries: readonly NestedBinary[]): ReadonlyMap<string, readonly NestedBinary[]> {
  const parts = new Map<string, NestedBinary[]>();
  for (const binary of binaries) {
    const end = binary.path.lastIndexOf("!/");
    const part = end === -1 ? "" : binary.path.slice(0, end);
    parts.set(part, [...(parts.get(part) ?? []), binary]);
  }
  return parts;
}

const inPart = ({ path }: NestedBinary): string => path.slice(path.lastIndexOf("!/") === -1 ? 0 : path.lastIndexOf("!/") + 2);

/** Whether another archive beside it has the same name for another architecture: `native-linux-x86_64.jar`, `native-linux-aarch_64.jar`. */
function hasSibling(part: string, all: readonly string[]): boolean {
  const words = platformWords(baseName(part));
  if (words === undefined) return false;
  return all.some((other) => other !== part && platformWords(baseName(other))?.shape === words.shape);
}
