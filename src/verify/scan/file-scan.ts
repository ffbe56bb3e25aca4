import { createHash, type Hash } from "node:crypto";
import type { EntryWatch, IndexedEntry } from "../../image/layer.ts";
import type { Binary } from "../binary/binary.ts";
import { binarySampler } from "../binary/sampler.ts";
import { type LayerBudget, scanBudget } from "./budget.ts";
import type { LayerContents, NestedBinary, ScanDepth } from "./contents.ts";
import { type NestedReader, nestedReader } from "./nested.ts";
import { readLimit } from "./read-files.ts";
import { scriptReader } from "./script-line.ts";
import { takeBinary, takeEntry } from "./weight.ts";

/** Looks at the files of one layer as they pass. */
export interface FileScan {
  readonly entry: EntryWatch;
  /** What must be over before more may come; undefined: nothing. */
  waiting(): Promise<void> | undefined;
  end(): Promise<Pick<LayerContents, "binaries" | "scripts" | "texts" | "hashes" | "nested">>;
}

/** @throws from its functions {ProblemError} `limit-exceeded` */
export function fileScan(depth: ScanDepth, budget: LayerBudget = scanBudget().layer()): FileScan {
  const binaries = new Map<number, Binary>();
  const scripts = new Map<number, string>();
  const texts = new Map<number, Uint8Array>();
  const hashes = depth.hashes ? new Map<number, string>() : undefined;
  const nested = depth.nested ? new Map<number, readonly NestedBinary[]>() : undefined;
  const sampler = binarySampler();
  const script = scriptReader();
  let opening: Promise<void> | undefined;

  function open(offset: number, archive: NestedReader): void {
    const before = opening;
    opening = (async () => {
      await before;
      const found = await archive.end();
      if (found.length === 0) return;
      for (const { path, binary } of found) {
        budget.take("binaryText", path.length);
        takeBinary(budget, binary);
      }
      nested?.set(offset, found);
    })();
    // It is awaited before more comes; until then a rejection must not count as unhandled.
    opening.catch(() => {});
  }

  function entry(file: IndexedEntry): ((chunk: Uint8Array) => void) | undefined {
    takeEntry(budget, file);
    if (file.type !== "file") return undefined;
    const { offset, path, size } = file;
    const wanted = size <= (readLimit(path) ?? -1);
    if (wanted) budget.take("texts", size);
    const text = wanted ? Buffer.alloc(size) : undefined;
    if (text !== undefined) texts.set(offset, text);
    if (size === 0) {
      hashes?.set(offset, EMPTY_HASH);
      return undefined;
    }
    const hash: Hash | undefined = hashes === undefined ? undefined : createHash("sha256");
    const archive = nested === undefined ? undefined : nestedReader(path, size);
    let at = 0;
    let sampling = true;
    sampler.begin(size);
    script.begin();
    return (chunk) => {
      if (sampling) sampling = sampler.write(chunk);
      if (at < script.bytes) script.write(chunk);
      text?.set(chunk, at);
      hash?.update(chunk);
      archive?.write(chunk);
      at += chunk.length;
      if (at < size) return;
      const binary = sampler.end();
      if (binary !== undefined) {
        takeBinary(budget, binary);
        binaries.set(offset, binary);
      }
      const line = script.end();
      if (line !== undefined) {
        budget.take("scriptText", line.length);
        scripts.set(offset, line);
      }
      if (hash !== undefined) hashes?.set(offset, hash.digest("hex"));
      if (archive !== undefined) open(offset, archive);
    };
  }

  return {
    entry,
    waiting() {
      const now = opening;
      opening = undefined;
      return now;
    },
    async end() {
      await opening;
      return { binaries, scripts, texts, hashes, nested };
    },
  };
}

const EMPTY_HASH = createHash("sha256").digest("hex");
