import { type Digest, Digester, digestOf } from "../../core/digest.ts";
import { stableJson } from "../../core/stable-json.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import type { PackOptions } from "../../image/pack.ts";
import type { FileSystem, LayerVertex, Vertex, VertexId } from "../../plan/graph.ts";
import type { ContextEntry } from "../context.ts";
import type { Records } from "../records.ts";
import { fileSystemKey } from "./file-systems.ts";
import { changedAt, isStepResult, RACY_MS, type StepResult } from "./step-cache.ts";

/** All entries of a context, in short. */
export interface ContextStamp {
  readonly digest: Digest;
  /** False when something in it changed so shortly ago that it may change again and keep its stamp. */
  readonly proves: boolean;
}

/** A step that is the topmost of `files`. */
export interface PlacedStep {
  readonly files: FileSystem;
  readonly vertex: LayerVertex;
  /** The layers between the base and it, lowest first. */
  readonly below: readonly StepResult[];
}

export interface StepShortcuts {
  /** What the step made before, if everything that decides it is as it was. */
  find(step: PlacedStep): Promise<StepResult | undefined>;
  /** Whether anything is remembered of such a step, with whatever below it and in the contexts. */
  knows(files: FileSystem): Promise<boolean>;
  /** Remembers it, unless a file may yet change and look as it does now. */
  keep(step: PlacedStep, result: StepResult): Promise<void>;
}

export interface StepShortcutsParts {
  readonly store: BlobStore;
  readonly records: Records;
  readonly epoch: number | undefined;
  /** Of a vertex that is taken from: its stamp where it is a context; `constant` where its id tells all; undefined where only a closer look would tell. */
  readonly stampOf: (source: VertexId) => Promise<ContextStamp | "constant" | undefined>;
  /** What a step depends on beside the files below it: see `dependenciesOf`. */
  readonly dependenciesOf: (vertex: LayerVertex) => readonly Vertex[];
  readonly packOf: (files: FileSystem) => PackOptions;
}

interface Shortcut extends StepResult {
  /** Over the layers below and the contexts. */
  readonly inputs: Digest;
}

/** Bump when what a key or a record means changes: older records are then not found. */
const VERSION = 2;
/** Results kept for a step upon a base; the one made last goes first. */
const MOST_SHORTCUTS = 8;

/**
 * The way around a step whose every input is as it was: base, layers below, operation, and all of the contexts by their stamps. It asks neither for the
 * files of the base nor for what the step would make of them. Coarse on purpose: where anything differs, the step cache takes the closer look.
 */
export function stepShortcuts({ store, records, epoch, stampOf, dependenciesOf, packOf }: StepShortcutsParts): StepShortcuts {
  // The ids of vertices cover their operations, and the manifest of the base.
  const keyOf = (files: FileSystem): string => `shortcut ${JSON.stringify([VERSION, fileSystemKey(files), packOf(files), epoch ?? "none"])}`;

  async function inputsOf({ vertex, below }: PlacedStep): Promise<ContextStamp | undefined> {
    const about: Digest[] = below.map(({ layer }) => layer.digest);
    let proves = true;
    for (const source of dependenciesOf(vertex)) {
      if (source.noCache === true) return undefined;
      if (source.kind === "copy" || source.kind === "run" || source.kind === "workdir") continue;
      const stamp = await stampOf(source.id);
      if (stamp === undefined) return undefined;
      if (stamp === "constant") continue;
      about.push(stamp.digest);
      proves &&= stamp.proves;
    }
    return { digest: digestOf(JSON.stringify(about)), proves };
  }

  return {
    async find(step) {
      // Before the context is looked at: a first build is not held up.
      const shortcuts = decode(await records.read("steps", keyOf(step.files)));
      const inputs = shortcuts.length === 0 ? undefined : await inputsOf(step);
      const found = shortcuts.find((shortcut) => shortcut.inputs === inputs?.digest);
      return found !== undefined && (await store.stat(found.layer.digest)) === found.layer.size ? found : undefined;
    },
    knows: async (files) => decode(await records.read("steps", keyOf(files))).length > 0,
    async keep(step, { layer, createdMs }) {
      const inputs = await inputsOf(step);
      if (inputs?.proves !== true) return;
      const others = decode(await records.read("steps", keyOf(step.files))).filter((shortcut) => shortcut.inputs !== inputs.digest);
      const shortcuts: Shortcut[] = [{ inputs: inputs.digest, layer, createdMs }, ...others];
      await records.write("steps", keyOf(step.files), Buffer.from(stableJson(shortcuts.slice(0, MOST_SHORTCUTS))));
    },
  };
}

/**
 * @param beganMs  when the context was looked at, at the earliest
 * @returns undefined where an entry has no stamp, or more to it than is looked at here
 */
export function contextStamp(entries: readonly ContextEntry[], beganMs: number): ContextStamp | undefined {
  const digester = new Digester();
  let proves = true;
  for (const entry of entries) {
    const { path, type, mode, uid, gid, size, mtime, link, device, stamp } = entry;
    if (stamp === undefined || entry.xattrs !== undefined) return undefined;
    digester.update(Buffer.from(JSON.stringify([path, type, mode, uid, gid, size, mtime, link ?? "", device ?? "", stamp])));
    proves &&= beganMs - changedAt(entry) >= RACY_MS;
  }
  return { digest: digester.digest(), proves };
}

function decode(bytes: Uint8Array | undefined): readonly Shortcut[] {
  if (bytes === undefined) return [];
  try {
    const shortcuts: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
    return Array.isArray(shortcuts) ? shortcuts.filter((value): value is Shortcut => isStepResult(value) && "inputs" in value) : [];
  } catch {
    return [];
  }
}
