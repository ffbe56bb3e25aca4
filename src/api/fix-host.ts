import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { emulatorChanger } from "../adapters/node/host/binfmt-changer.ts";
import { hostChanger } from "../adapters/node/host/change-maker.ts";
import { hostPorts } from "../adapters/node/host/host-ports.ts";
import { hostJournal } from "../adapters/node/host/journal.ts";
import { openStore } from "../adapters/node/store/store.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { digestOf } from "../core/digest.ts";
import { ProblemError } from "../core/problem.ts";
import type { HostFacts } from "../host/facts.ts";
import { carryOut, type Tools } from "../host/fix/carry-out.ts";
import type { HostChange, HostFixPlan, HostFixRecord } from "../host/fix/change.ts";
import type { HostChanger } from "../host/fix/changer.ts";
import { leftToUser, notHelped } from "../host/fix/helped.ts";
import { withRestartNow } from "../host/fix/planned-restart.ts";
import { undoRecord } from "../host/fix/take-back.ts";
import { type HostPorts, readHostFacts } from "../host/read-facts.ts";
import { planHostFix, wantedPlatforms } from "./fix-host-plan.ts";
import { storeFolder } from "./store-folder.ts";

export type { HostChange } from "../host/fix/change.ts";

/** What `fixHost` is asked. */
export interface HostFixRequest {
  /** Which way out; left out for `undo` alone. */
  readonly with?: "containerd" | "buildx" | undefined;
  /** Do it; default: only say what would be done. */
  readonly write?: boolean | undefined;
  /** Take the last run that wrote back instead. */
  readonly undo?: boolean | undefined;
  /** Lists of platforms that builds are wanted for, each separated by commas: emulators are registered where they need them. Default: none in particular. */
  readonly platforms?: readonly string[] | undefined;
  /** Docker's configuration file, when it is not where Docker says or reads it. */
  readonly daemonConfig?: string | undefined;
  /** True: restart the daemon also when containers stop by it. False: leave that to the user. Default: restart when no container runs. */
  readonly restart?: boolean | undefined;
  /** Registries that a new builder may speak http with. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** The builder to be used or made. */
  readonly name?: string | undefined;
  /** BuildKit's image for a new builder, where Buildx's own choice cannot be pulled. */
  readonly image?: string | undefined;
  /** Folder of the store, where the record of what was done is kept. */
  readonly store?: string | undefined;
  /** Told what is being done. */
  readonly note?: ((message: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was changed of this machine, or would be. */
export interface HostFixReport {
  /**
   * `planned`: nothing was done. `nothing`: there is nothing to do. `done`: it was done and works. `pending`: it takes effect after the acts that are `left`.
   * `undone`: what an earlier run did was taken back.
   */
  readonly outcome: "planned" | "nothing" | "done" | "pending" | "undone";
  /** Undefined when there was nothing to undo. */
  readonly with: "containerd" | "buildx" | undefined;
  /** In the order in which they are made; of an undo, in the order in which they were taken back. */
  readonly changes: readonly HostChange[];
  /** What it costs or means. */
  readonly notes: readonly string[];
  /** Acts that are left to the user. */
  readonly left: readonly string[];
  /** The record that `undo` takes back, or took back; undefined when nothing was written. */
  readonly record: string | undefined;
}

/** What reads and changes the machine; tests bring their own. */
export interface HostFixTools {
  readonly ports: HostPorts;
  readonly changer: HostChanger;
}

/** Longest that facts may take when the daemon has just been restarted. */
const AFTERWARDS_MS = 10_000;

/**
 * Makes this machine able to build for several platforms, by a remedy of the user's choice: shows what it would change, does it when asked to, takes it back when asked to.
 * Each change is recorded in the store before it is made; a run that ends midway is taken back by the next that writes.
 * @throws {ProblemError} `usage` | `daemon-config-invalid` | `docker-unavailable` | `buildx-unavailable` | `builder-unusable` | `engine-unsuitable` | `host-change-failed` |
 * `host-changed` | `file-unwritable` | `disk-full` | `store-unusable` | `store-damaged` | `interrupted`
 */
export async function fixHost(request: HostFixRequest, world: World = nodeWorld(), tools: HostFixTools = nodeTools(world)): Promise<HostFixReport> {
  const asked = checked(request, world);
  const folder = storeFolder(world, request.store);
  const journal = hostJournal(join(folder, "host-changes"));
  const all: All = {
    request: asked,
    world,
    ports: tools.ports,
    folder,
    tools: { changer: tools.changer, journal, nowMs: () => world.clock.nowMs(), note: request.note },
  };
  if (request.undo === true) return await alone(all, () => undoNewest(all));
  if (request.write !== true) return await shown(all);
  return await alone(all, () => written(all));
}

interface All {
  readonly request: HostFixRequest;
  readonly world: World;
  readonly ports: HostPorts;
  readonly folder: string;
  readonly tools: Tools;
}

function nodeTools(world: World): HostFixTools {
  const ports = hostPorts(world);
  return { ports, changer: hostChanger(ports.programs, emulatorChanger(ports.programs)) };
}

function checked(request: HostFixRequest, world: World): HostFixRequest {
  const wrong = (message: string, hint: string): ProblemError => new ProblemError("usage", { message, hint });
  if (request.undo === true) {
    if (request.write === true || request.with !== undefined)
      throw wrong("an undo takes back the last run that wrote, and is asked for alone", "leave out --write and --with");
    return request;
  }
  if (request.with === undefined) throw wrong("there are two ways out", "choose one: --with containerd or --with buildx");
  if (request.with === "buildx" && (request.daemonConfig !== undefined || request.restart !== undefined))
    throw wrong("a builder changes nothing of Docker's configuration", "leave out --daemon-config, --restart and --no-restart, or take --with containerd");
  if (request.with === "containerd" && (request.name !== undefined || request.image !== undefined || (request.insecureRegistries ?? []).length > 0))
    throw wrong("Docker's own builder is changed, and none is made", "leave out --builder, --image and --insecure-registry, or take --with buildx");
  const { daemonConfig } = request;
  return daemonConfig === undefined ? request : { ...request, daemonConfig: resolve(world.cwd, daemonConfig) };
}

/** One process of those that share the store at a time. */
async function alone<T>({ folder, request }: All, act: () => Promise<T>): Promise<T> {
  const store = await openStore(folder);
  try {
    return await store.exclusive(digestOf("host-changes"), act, request.signal ?? new AbortController().signal);
  } finally {
    await store.close();
  }
}

async function shown(all: All): Promise<HostFixReport> {
  const unfinished = all.tools.journal.records().filter(({ complete }) => !complete);
  const plan = await planned(all, await factsOf(all));
  const notes = unfinished.length === 0 ? [] : ["an earlier run ended before it was through: --write takes back what it did first, and --undo alone"];
  return reportOf(plan.changes.length === 0 ? "nothing" : "planned", { ...plan, notes: [...notes, ...plan.notes] }, undefined);
}

async function written(all: All): Promise<HostFixReport> {
  const { request, world, tools } = all;
  const undone = await takeBackUnfinished(all);
  const plan = await planned(all, await factsOf(all));
  if (plan.changes.length === 0) return reportOf("nothing", { ...plan, notes: [...undone, ...plan.notes] }, undefined);
  const left = leftToUser(plan);
  // Advice alone changes nothing, and leaves nothing to undo.
  const record =
    plan.changes.length === left.length ? undefined : await carryOut(plan, newId(world), tools, () => checkedAfterwards(all, plan), request.signal);
  return reportOf(left.length > 0 ? "pending" : "done", { ...plan, notes: [...undone, ...plan.notes] }, record?.id);
}

async function checkedAfterwards(all: All, plan: HostFixPlan): Promise<string | undefined> {
  // Before the user's act there is nothing to see.
  if (leftToUser(plan).length > 0) return undefined;
  all.tools.note?.("look whether it helps");
  return notHelped(plan, await factsOf(all, AFTERWARDS_MS), wantedPlatforms(all.request, all.world));
}

async function takeBackUnfinished(all: All): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const record of all.tools.journal
    .records()
    .filter(({ complete }) => !complete)
    .toReversed()) {
    all.tools.note?.("take back what an earlier run left unfinished");
    await undoRecord(await asOfNow(record, all), all.tools);
    notes.push("an earlier run had ended before it was through: what it did was taken back first");
  }
  return notes;
}

async function undoNewest(all: All): Promise<HostFixReport> {
  const newest = all.tools.journal.records().at(-1);
  if (newest === undefined)
    return { outcome: "nothing", with: undefined, changes: [], notes: ["no run that wrote is left to undo"], left: [], record: undefined };
  const record = await asOfNow(newest, all);
  const { changes } = await undoRecord(record, all.tools);
  const told = changes.filter((change) => change.kind !== "restart" || change.command !== undefined);
  const left = leftToUser({ with: record.with, changes, notes: [] }).filter((act) => act !== "");
  return { outcome: "undone", with: record.with, changes: told, notes: [], left, record: record.id };
}

async function asOfNow(record: HostFixRecord, all: All): Promise<HostFixRecord> {
  if (!record.done.some(({ change }) => change.kind === "restart")) return record;
  const { daemon } = await factsOf(all);
  return await withRestartNow(record, daemon.known ? daemon.value : undefined, all.request, all.ports);
}

const factsOf = async ({ ports, request }: All, timeoutMs?: number): Promise<HostFacts> =>
  await readHostFacts(ports, {
    registries: request.insecureRegistries ?? [],
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });

const planned = async ({ request, ports, world, folder }: All, facts: HostFacts): Promise<HostFixPlan> =>
  await planHostFix(facts, { ...request, with: request.with ?? "containerd" }, { ports, world, folder });

const reportOf = (outcome: HostFixReport["outcome"], plan: HostFixPlan, record: HostFixRecord["id"] | undefined): HostFixReport => ({
  outcome,
  with: plan.with,
  changes: plan.changes,
  notes: plan.notes,
  left: leftToUser(plan),
  record,
});

/** In the order of time, by name. */
const newId = (world: World): string => `${new Date(world.clock.nowMs()).toISOString().replace(/[-:.]/g, "")}-${randomBytes(4).toString("hex")}`;
