import type { Clock } from "../../core/clock.ts";
import { type Digest, digestOf } from "../../core/digest.ts";
import type { Gate } from "../../core/gate.ts";
import { stableJson } from "../../core/stable-json.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import { type PackOptions, packKey } from "../../image/pack.ts";
import type { FileSystem, RunVertex, VertexId } from "../../plan/graph.ts";
import type { EventSink } from "../event.ts";
import type { Exclusive } from "../exclusive.ts";
import type { Records } from "../records.ts";
import type { RunSettings } from "../run-settings.ts";
import type { Sandbox, SandboxEnd, SandboxHost } from "../sandbox.ts";
import type { StackLayer } from "./layer-stack.ts";
import type { Memo } from "./memo.ts";
import { lastLines, runFailure } from "./run-failure.ts";
import { mountSources, runKeyParts } from "./run-key.ts";
import { packArchive } from "./run-layer.ts";
import { type MountFiles, runProgram } from "./run-program.ts";
import { encodeStepResult, findStepResult, type StepResult } from "./step-cache.ts";
import type { RunningStep } from "./step-runner.ts";

export interface RunStepsParts {
  readonly store: BlobStore;
  readonly records: Records;
  readonly memo: Memo;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly warn: (message: string) => void;
  readonly signal: AbortSignal;
  readonly epoch: number | undefined;
  readonly noCache: boolean;
  readonly settings: RunSettings;
  readonly sandbox: SandboxHost;
  readonly exclusive: Exclusive;
  /** Layers unpacked at the same time. */
  readonly unpacking: Gate;
  /** Layers packed at the same time. */
  readonly packing: Gate;
  /** Digest of what a mount takes of a source: paths, metadata but times, contents. */
  readonly selectionDigest: (from: VertexId | FileSystem, selector: string) => Promise<Digest>;
  /** Layers that hold what a mount takes, and where in them. */
  readonly selectionLayers: (from: VertexId | FileSystem, selector: string) => Promise<{ readonly layers: readonly StackLayer[]; readonly path: string }>;
}

export interface RunSteps {
  run(vertex: RunVertex, under: readonly StackLayer[], pack: PackOptions): Promise<RunningStep>;
  /** Opens the sandbox and unpacks layers, for programs that will run upon them. */
  makeReady(layers: readonly StackLayer[]): Promise<void>;
}

/** Bump when what a key or a record means changes: older records are then not found. */
const VERSION = 1;
/** Lines of a failed program's output that its problem repeats. */
const TAIL_LINES = 10;

/**
 * Makes the layer of a RUN upon `under`: from the cache, by a key that holds the contents of all that it can see, or by running the program. Two builds that share a
 * store and want the same run it once.
 */
export function runSteps(parts: RunStepsParts): RunSteps {
  const { store, records, memo, clock, settings, signal } = parts;

  const isAnew = (vertex: RunVertex): boolean => parts.noCache || vertex.noCache === true;

  async function keyOf(vertex: RunVertex, under: readonly StackLayer[], pack: PackOptions): Promise<Digest> {
    const mounts = mountSources(vertex).map(({ from, selector }) => parts.selectionDigest(from, selector));
    const what = [
      VERSION,
      runKeyParts(vertex, settings),
      under.map(({ diffId }) => diffId),
      await Promise.all(mounts),
      pack.compression,
      packKey(pack),
      parts.epoch ?? "none",
    ];
    return digestOf(stableJson(what));
  }

  const find = async (key: Digest): Promise<StepResult | undefined> => findStepResult(store, await records.read("steps", `run ${key}`));

  async function unpackAll(sandbox: Sandbox, layers: readonly StackLayer[]): Promise<void> {
    const wanted = new Map(layers.map((layer) => [layer.diffId, layer]));
    const there = await sandbox.unpacked([...wanted.keys()]);
    const missing = [...wanted.values()].filter(({ diffId }) => !there.has(diffId));
    await Promise.all(
      missing.map((layer) =>
        memo.once(`unpack ${layer.diffId}`, async () => {
          const leave = await parts.unpacking.enter(signal);
          try {
            await sandbox.unpack(layer.diffId, layer.open(), signal);
          } finally {
            leave();
          }
        }),
      ),
    );
  }

  /** What mounts take; their layers are gathered in `used`, to be unpacked. */
  const mountFiles = (under: readonly StackLayer[], used: StackLayer[]): MountFiles => ({
    onLayers: under.map(({ diffId }) => diffId),
    async layersOf(from, selector) {
      const { layers, path } = await parts.selectionLayers(from, selector);
      used.push(...layers);
      return { layers: layers.map(({ diffId }) => diffId), path };
    },
  });

  async function run(vertex: RunVertex, under: readonly StackLayer[], pack: PackOptions): Promise<StepResult> {
    const tail = lastLines(TAIL_LINES);
    const used = [...under];
    const program = await runProgram(vertex, settings, mountFiles(under, used), (stream, bytes) => {
      tail.add(bytes, stream);
      parts.events.emit({ type: "vertex-output", vertex: vertex.id, stream, bytes, atMs: clock.nowMs() });
    });
    const sandbox = await parts.sandbox.open();
    // As BuildKit: who makes a step anew wants nothing of what its caches hold (PruneCacheMounts, read 2026-11-22).
    if (isAnew(vertex))
      await Promise.all(program.mounts.map((mount) => mount.kind === "cache" && memo.once(`empty ${mount.id}`, () => sandbox.emptyCache(mount.id))));
    for (const note of sandbox.notes) void memo.once(`note ${note}`, async () => parts.warn(note));
    await unpackAll(sandbox, used);
    signal.throwIfAborted();
    const end = await sandbox.run(program, signal);
    if (end.exitCode !== 0) {
      await end.discard();
      throw runFailure(vertex, end, tail.lines());
    }
    return keep(vertex, end, pack);
  }

  async function keep(vertex: RunVertex, end: SandboxEnd, pack: PackOptions): Promise<StepResult> {
    const createdMs = parts.epoch === undefined ? clock.nowMs() : parts.epoch * 1000;
    const leave = await parts.packing.enter(signal);
    let kept = false;
    try {
      const layer = await packArchive(store, records, end.changes(parts.epoch), pack, signal, (doneBytes) =>
        parts.events.emit({ type: "transfer", direction: "pack", blob: vertex.id, doneBytes, atMs: clock.nowMs() }),
      );
      kept = true;
      await end.keepAs(layer.diffId);
      return { layer, createdMs };
    } finally {
      leave();
      if (!kept) await end.discard();
    }
  }

  const made: RunSteps["run"] = async (vertex, under, pack) => {
    const anew = isAnew(vertex);
    const key = await keyOf(vertex, under, pack);
    const known = anew ? undefined : await find(key);
    if (known !== undefined) return cached(known);
    return parts.exclusive(
      key,
      async () => {
        // Another build may have made it while we waited for our turn.
        const madeMeanwhile = anew ? undefined : await find(key);
        if (madeMeanwhile !== undefined) return cached(madeMeanwhile);
        const result = await run(vertex, under, pack);
        await records.write("steps", `run ${key}`, encodeStepResult(result));
        return { createdMs: result.createdMs, how: "made", layer: Promise.resolve(result) };
      },
      signal,
    );
  };

  return { run: made, makeReady: async (layers) => unpackAll(await parts.sandbox.open(), layers) };
}

const cached = (result: StepResult): RunningStep => ({ createdMs: result.createdMs, how: "cached", layer: Promise.resolve(result) });
