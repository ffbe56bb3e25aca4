import type { World } from "../adapters/node/world.ts";
import { formatPlatform } from "../core/platform.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { embeddedEngine } from "../engine/embedded/engine.ts";
import type { BuildOptions, BuildResult, Engine, LayerOptions } from "../engine/engine.ts";
import type { SettledOutputs } from "../engine/output/settle-outputs.ts";
import type { SandboxHost } from "../engine/sandbox.ts";
import { GZIP_DEFAULT_LEVEL } from "../image/gzip.ts";
import { type Caches, openCaches } from "./caches.ts";
import { contentsMemory } from "./contents-memory.ts";
import type { Prepared } from "./prepare.ts";
import type { Programs } from "./programs.ts";
import { withoutEffect } from "./refuse.ts";
import type { BuildRequest } from "./request.ts";
import type { Session } from "./session.ts";

/** The embedded engine with all that it needs for one plan. */
export interface EmbeddedBuild {
  readonly platforms: readonly string[];
  readonly sandbox: SandboxHost | undefined;
  /** Why it cannot; empty: it can. */
  check(): Promise<readonly Error[]>;
  /** To be called when `check` had nothing to say. */
  build(): Promise<BuildResult>;
}

/** Wires the embedded engine. Nothing is done yet. */
export async function embeddedBuild(
  request: BuildRequest,
  world: World,
  { store, client }: Session,
  { plan, notes, ...sources }: Prepared,
  { sandbox, run, notes: runNotes }: Programs,
  settled: { readonly packing: SettledOutputs["build"]; readonly caches: Caches; readonly proven: boolean },
): Promise<EmbeddedBuild> {
  const { packing, caches } = settled;
  const layers = settled.proven ? { ...packing.layers, watch: await contentsWatch(store) } : packing.layers;
  const events = request.events ?? { emit: () => {} };
  const warn = (message: string): void => events.emit({ type: "warning", message, atMs: world.clock.nowMs() });
  const engine: Engine = embeddedEngine({
    store: store.blobs,
    records: store.records,
    exclusive: store.exclusive,
    client,
    clock: world.clock,
    ...sources,
    ...(sandbox === undefined ? {} : { sandbox }),
  });
  const platforms = plan.images.map(({ platform }) => platform);
  const options: BuildOptions = {
    events,
    noCache: request.noCache ?? false,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
    ...packing,
    layers: plan.epoch === undefined ? layers : await reproducible(layers, world, warn),
    run,
    cacheFrom: openCaches(caches, world, { client, platforms, events, signal: request.signal }),
    exportsCache: caches.to.some(({ type }) => type !== "inline"),
    inlineCache: caches.inline,
  };
  return {
    platforms: platforms.map(formatPlatform),
    sandbox,
    check: () => engine.check(plan, options),
    build() {
      for (const warning of [...notes, ...plan.warnings, ...caches.warnings, ...runNotes, ...withoutEffect(request, plan)]) warn(warning);
      return engine.build(plan, options);
    },
  };
}

/** So that layers need not be unpacked again to be looked into. Its code is loaded only by builds that are proven. */
async function contentsWatch({ records }: Session["store"]): Promise<NonNullable<LayerOptions["watch"]>> {
  const { packingWatch } = await import("../verify/scan/packing-watch.ts");
  return packingWatch(contentsMemory(records));
}

/** Layers that get the same bytes on other machines; where that cannot be, the user is told. */
async function reproducible(layers: LayerOptions, world: World, warn: (message: string) => void): Promise<LayerOptions> {
  const { compression, level = GZIP_DEFAULT_LEVEL } = layers;
  if (compression !== "gzip" || (await world.compressesAsElsewhere(level))) return layers;
  if (level === GZIP_DEFAULT_LEVEL) return { ...layers, deflate: "own" };
  warn(
    `this Node's zlib compresses to other bytes than most do at level ${level}: digests will be the same on machines like this one only; see docs/reproducible.md`,
  );
  return layers;
}

/** Every reason at once; the first one's act helps against its like too. */
export function refuseAll(reasons: readonly Error[]): void {
  const [first, ...rest] = reasons;
  if (first === undefined) return;
  if (!isProblem(first) || rest.length === 0) throw first;
  throw new ProblemError(first.code, { message: [...new Set(reasons.map((reason) => reason.message))].join("\n"), hint: first.hint, facts: first.facts });
}
