import { type Digest, digestOf, isDigest } from "../../core/digest.ts";
import { isProblem } from "../../core/problem.ts";
import { stableJson } from "../../core/stable-json.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import { type PackedLayer, type PackOptions, packKey } from "../../image/pack.ts";
import type { ContextEntry } from "../context.ts";
import type { Records } from "../records.ts";
import type { Content } from "./content.ts";
import { contentHashes } from "./content-hashes.ts";
import type { MadeEntry } from "./copy-target.ts";
import type { LayerFile } from "./layer-files.ts";
import { digestContents, digestPackedContents } from "./pack-step.ts";

/** A layer that a step made, and when it made it first. */
export interface StepResult {
  readonly layer: PackedLayer;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

/** One thing that a step made: the same step with other contents made another. */
interface Variant extends StepResult {
  /** Over the stamps of all contents; absent when one of them proved nothing. */
  readonly stamps?: Digest | undefined;
  /** Over the sha256 of all contents; absent until somebody needed it. */
  readonly contents?: Digest | undefined;
}

/** Bump when what a key or a record means changes: older records are then not found. */
const VERSION = 1;
/** Results kept for a step; the one made last goes first. */
const MOST_VARIANTS = 8;
/** A file that changed so shortly before it was looked at may change again and keep its stamp (git's "racily clean"). */
export const RACY_MS = 2000;

/**
 * Key of a step: the operation, everything about the entries that it makes but contents and the files' own times (BuildKit does not look at them either),
 * and how they are packed. With an epoch the times count: what is made must not depend on what was made before.
 */
export function stepKey(operation: Digest, made: readonly MadeEntry[], pack: PackOptions, epoch: number | undefined): Digest {
  const entries = made.map(({ path, node, hardLinkTo, kept, opaque }) =>
    node === undefined
      ? [path]
      : [
          path,
          node.type,
          node.mode,
          node.uid,
          node.gid,
          node.size,
          node.link ?? "",
          node.device === undefined ? "" : `${node.device.major}:${node.device.minor}`,
          node.xattrs === undefined ? [] : [...node.xattrs].map(([name, value]) => [name, Buffer.from(value).toString("base64")]),
          hardLinkTo ?? "",
          opaque ?? false,
          kept === true || epoch !== undefined ? Math.min(node.mtime ?? Number.MAX_SAFE_INTEGER, epoch ?? Number.MAX_SAFE_INTEGER) : "",
        ],
  );
  return digestOf(JSON.stringify([VERSION, operation, entries, pack.compression, packKey(pack), epoch ?? "none"]));
}

export interface StepCache {
  /** What the step made before of the same contents; where these had to be read to say no, their digest. */
  find(key: Digest, files: readonly LayerFile[], signal: AbortSignal): Promise<{ readonly result?: StepResult | undefined; readonly contents?: Digest }>;
  keep(key: Digest, files: readonly LayerFile[], result: StepResult, contents?: Digest): Promise<void>;
  /** Digest over the paths and contents of files; reads only those whose hash nothing proves. */
  contentsOf(files: readonly LayerFile[], signal: AbortSignal): Promise<Digest>;
}

/** @param beganMs  when the contexts were looked at, at the earliest */
export function stepCache(store: BlobStore, records: Records, beganMs: number): StepCache {
  const remembered = contentHashes(records);

  async function read(key: Digest): Promise<readonly Variant[]> {
    const variants = decode(await records.read("steps", key));
    const sizes = await Promise.all(variants.map(({ layer }) => store.stat(layer.digest)));
    return variants.filter(({ layer }, i) => sizes[i] === layer.size);
  }

  const write = (key: Digest, variants: readonly Variant[]): Promise<void> =>
    records.write("steps", key, Buffer.from(stableJson({ version: VERSION, variants: variants.slice(0, MOST_VARIANTS) })));

  /** Contents of an earlier result; undefined when its blob is damaged. */
  async function contentsOf(variant: Variant, files: readonly LayerFile[]): Promise<Digest | undefined> {
    if (variant.contents !== undefined) return variant.contents;
    try {
      return await digestPackedContents(store, variant.layer, files);
    } catch (error) {
      if (isProblem(error)) return undefined;
      throw error;
    }
  }

  /** Reads only the files whose hash nothing proves. */
  async function readContents(files: readonly LayerFile[], signal: AbortSignal): Promise<Digest> {
    const names = new Set(files.flatMap(({ content }) => (content?.kind === "context" ? [content.context.name] : [])));
    const hashes = new Map(await Promise.all([...names].map(async (name) => [name, await remembered.load(name)] as const)));
    const learned = new Set<string>();
    const mapOf = (content: Content): Map<string, Digest> | undefined => (content.kind === "context" ? hashes.get(content.context.name) : undefined);
    const digest = await digestContents(
      files,
      signal,
      (content) => mapOf(content)?.get(stampOf(content, beganMs, false) ?? ""),
      (content, its) => {
        const stamp = stampOf(content, beganMs, true);
        if (content.kind !== "context" || stamp === undefined) return;
        mapOf(content)?.set(stamp, its);
        learned.add(content.context.name);
      },
    );
    for (const name of learned) await remembered.save(name);
    return digest;
  }

  return {
    contentsOf: readContents,
    async find(key, files, signal) {
      const variants = await read(key);
      if (variants.length === 0) return {};
      const stamps = digestStamps(files, beganMs, false);
      const unchanged = stamps === undefined ? undefined : variants.find((variant) => variant.stamps === stamps);
      if (unchanged !== undefined) return { result: unchanged };
      const contents = await readContents(files, signal);
      const known: Variant[] = [];
      let same: Variant | undefined;
      for (const variant of variants) {
        const its = await contentsOf(variant, files);
        if (its === undefined) continue;
        const updated = { ...variant, contents: its, ...(its === contents ? { stamps: digestStamps(files, beganMs, true) ?? variant.stamps } : {}) };
        known.push(updated);
        if (its === contents) same ??= updated;
      }
      await write(key, known);
      return { result: same, contents };
    },
    async keep(key, files, result, contents) {
      const others = (await read(key)).filter(({ layer }) => layer.digest !== result.layer.digest);
      await write(key, [{ ...result, stamps: digestStamps(files, beganMs, true), contents }, ...others]);
    },
  };
}

/** @param proof  only stamps that prove something count: a file changed too shortly ago has none */
function digestStamps(files: readonly LayerFile[], beganMs: number, proof: boolean): Digest | undefined {
  const stamps: string[] = [];
  for (const { entry, content } of files) {
    if (entry.type !== "file" || content === undefined) continue;
    const stamp = stampOf(content, beganMs, proof);
    if (stamp === undefined) return undefined;
    stamps.push(entry.path, stamp);
  }
  return digestOf(JSON.stringify(stamps));
}

function stampOf(content: Content, beganMs: number, proof: boolean): string | undefined {
  switch (content.kind) {
    case "bytes":
      return digestOf(content.bytes);
    case "fetched":
      return content.file.digest;
    case "member": {
      const { stamp, changedMs } = content.archive;
      const proves = !proof || changedMs === undefined || beganMs - changedMs >= RACY_MS;
      return stamp !== undefined && proves ? `${stamp}@${content.offset}` : undefined;
    }
    case "context":
      return !proof || beganMs - changedAt(content.entry) >= RACY_MS ? content.entry.stamp : undefined;
  }
}

/** When a file changed last, at the latest. */
export const changedAt = ({ changedMs, mtime }: ContextEntry): number => changedMs ?? (mtime + 1) * 1000;

function decode(bytes: Uint8Array | undefined): readonly Variant[] {
  if (bytes === undefined) return [];
  try {
    const { version, variants } = JSON.parse(Buffer.from(bytes).toString("utf8")) as { version?: unknown; variants?: unknown };
    return version === VERSION && Array.isArray(variants) ? variants.filter((value): value is Variant => isStepResult(value)) : [];
  } catch {
    return [];
  }
}

/** True for what a record holds of a result. */
export function isStepResult(value: unknown): value is StepResult {
  const { layer, createdMs } = (value ?? {}) as Partial<StepResult>;
  return (
    typeof createdMs === "number" &&
    typeof layer?.size === "number" &&
    typeof layer.digest === "string" &&
    isDigest(layer.digest) &&
    typeof layer.diffId === "string" &&
    isDigest(layer.diffId)
  );
}

/** A result as a record of its own; see {@link findStepResult}. */
export const encodeStepResult = ({ layer, createdMs }: StepResult): Uint8Array => Buffer.from(stableJson({ layer, createdMs }));

/** The result that a record holds; undefined when it holds none, or its layer is not in the store whole. */
export async function findStepResult(store: Pick<BlobStore, "stat">, record: Uint8Array | undefined): Promise<StepResult | undefined> {
  if (record === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(record).toString("utf8"));
    return isStepResult(value) && (await store.stat(value.layer.digest)) === value.layer.size ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
