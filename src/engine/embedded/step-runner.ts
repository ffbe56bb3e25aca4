import type { Clock } from "../../core/clock.ts";
import { type Digest, digestOf } from "../../core/digest.ts";
import type { Gate } from "../../core/gate.ts";
import type { BlobStore } from "../../image/blob-store.ts";
import type { PackOptions } from "../../image/pack.ts";
import type { LayerVertex } from "../../plan/graph.ts";
import type { EventSink } from "../event.ts";
import type { MadeEntry } from "./copy-target.ts";
import { type LayerFile, layerFiles } from "./layer-files.ts";
import type { Memo } from "./memo.ts";
import { packFiles } from "./pack-step.ts";
import { type StepCache, type StepResult, stepKey } from "./step-cache.ts";

/** A step whose layer is there, or on its way. */
export interface RunningStep {
  readonly createdMs: number;
  readonly how: "made" | "cached";
  readonly layer: Promise<StepResult>;
}

export interface StepRunnerParts {
  readonly store: BlobStore;
  readonly cache: StepCache;
  readonly memo: Memo;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  /** Layers packed at the same time. */
  readonly gate: Gate;
  readonly epoch: number | undefined;
  readonly noCache: boolean;
}

/**
 * Runs what a step makes into a layer: from the cache, or by packing. Asked twice for the same entries with the same contents, on whatever platform, it
 * packs once.
 */
export function stepRunner(parts: StepRunnerParts): (vertex: LayerVertex, made: readonly MadeEntry[], pack: PackOptions) => Promise<RunningStep> {
  const { memo, cache, signal, epoch } = parts;
  const identities = identityNumbers();
  /** Steps with one key, in turn: the second may find what the first made. */
  const turns = new Map<Digest, Promise<unknown>>();

  async function run(
    vertex: LayerVertex,
    made: readonly MadeEntry[],
    undated: readonly LayerFile[],
    options: PackOptions,
    key: Digest,
    before?: Promise<unknown>,
  ): Promise<RunningStep> {
    await before?.catch(() => {});
    signal.throwIfAborted();
    const looked = parts.noCache || vertex.noCache === true ? {} : await cache.find(key, undated, signal);
    if (looked.result !== undefined) return { createdMs: looked.result.createdMs, how: "cached", layer: Promise.resolve(looked.result) };
    const createdMs = epoch === undefined ? parts.clock.nowMs() : epoch * 1000;
    const files = layerFiles(made, createdMs / 1000, epoch);
    return {
      createdMs,
      how: "made",
      layer: memo.once(`pack ${key} ${createdMs} ${identities(files)}`, () => pack(vertex, files, options, key, createdMs, looked.contents)),
    };
  }

  async function pack(
    vertex: LayerVertex,
    files: readonly LayerFile[],
    options: PackOptions,
    key: Digest,
    createdMs: number,
    contents: Digest | undefined,
  ): Promise<StepResult> {
    const leave = await parts.gate.enter(signal);
    try {
      const layer = await packFiles(parts.store, files, options, signal, (doneBytes) =>
        parts.events.emit({ type: "transfer", direction: "pack", blob: vertex.id, doneBytes, atMs: parts.clock.nowMs() }),
      );
      const result = { layer, createdMs };
      await cache.keep(key, files, result, contents);
      return result;
    } finally {
      leave();
    }
  }

  return (vertex, made, options) => {
    const key = stepKey(vertex.id, made, options, epoch);
    const undated = layerFiles(made, 0, epoch);
    return memo.once(`step ${key} ${identities(undated)}`, () => {
      const running = run(vertex, made, undated, options, key, turns.get(key));
      const over = running.then(({ layer }) => layer);
      over.catch(() => {});
      turns.set(key, over);
      return running;
    });
  };
}

/** Names the contents of files by what they are in this process: the same file of the same context is the same content. */
function identityNumbers(): (files: readonly LayerFile[]) => string {
  const numbers = new WeakMap<object, number>();
  let last = 0;
  const numberOf = (held: object): number => {
    const known = numbers.get(held);
    if (known !== undefined) return known;
    numbers.set(held, ++last);
    return last;
  };
  return (files) =>
    files
      .map(({ content }) => {
        if (content === undefined) return "";
        if (content.kind === "bytes") return digestOf(content.bytes);
        if (content.kind === "fetched") return numberOf(content.file);
        if (content.kind === "context") return numberOf(content.entry);
        return `${numberOf(content.archive)}@${content.offset}`;
      })
      .join(",");
}
