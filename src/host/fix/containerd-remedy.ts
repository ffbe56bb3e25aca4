import { ProblemError } from "../../core/problem.ts";
import { CONTAINERD_BY_DEFAULT, storeSettingOf } from "../../facts/docker.ts";
import { atLeast } from "../../facts/version.ts";
import { parseDaemonConfig } from "../../simulate/image-store.ts";
import type { DaemonFact, HostFacts } from "../facts.ts";
import type { HostFiles } from "../ports.ts";
import type { HostChange, HostFixPlan } from "./change.ts";
import { type DaemonJsonPorts, readDaemonJson } from "./containerd-file.ts";
import { refuseDaemon, refuseSettings } from "./containerd-refusals.ts";
import { daemonFlags } from "./daemon-flags.ts";
import { withSnapshotter } from "./daemon-json.ts";
import { type ValidatePorts, validateDaemonJson } from "./daemon-validate.ts";
import { plannedRestart } from "./planned-restart.ts";

/** What the remedy `containerd` is asked. */
export interface ContainerdAsk {
  /** `daemon.json`, when it is not where the facts say. */
  readonly daemonConfig?: string | undefined;
  /** True: also when containers stop by it. False: the user restarts it. */
  readonly restart?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ContainerdPorts extends ValidatePorts, DaemonJsonPorts {}

/**
 * The remedy `containerd`: Docker's own builder gets the containerd image store, which knows images of several platforms. Looks, changes nothing.
 * Where Docker's configuration is a product's own, the plan is one act for the user.
 * @throws {ProblemError} `daemon-config-invalid` | `docker-unavailable` | `engine-unsuitable`
 */
export async function planContainerdRemedy(facts: HostFacts, ask: ContainerdAsk, ports: ContainerdPorts): Promise<HostFixPlan> {
  if (!facts.daemon.known) throw new ProblemError("docker-unavailable", { message: facts.daemon.why, hint: facts.daemon.help });
  const daemon = facts.daemon.value;
  if (daemon.store === "containerd") return { with: "containerd", changes: [], notes: [`Docker ${daemon.version} has the containerd image store already`] };
  refuseDaemon(daemon, facts.endpoint.known ? facts.endpoint.value.address : undefined);
  if (daemon.product !== undefined) return { with: "containerd", changes: [settingOf(daemon.product)], notes: [hiddenNote(daemon)] };
  const path = ask.daemonConfig ?? knownPath(daemon);
  const before = readDaemonJson(ports, path);
  const after = withSnapshotter(before, path);
  const config = before === undefined ? undefined : parseDaemonConfig(before);
  const flags = daemonFlags(ports.files, daemon.pid);
  refuseSettings(path, config, flags);
  if (before !== undefined) await validateDaemonJson(ports, path, before, "as it is", ask.signal);
  if (after !== undefined) await validateDaemonJson(ports, path, after, "as it would be", ask.signal);
  const changes: HostChange[] = [];
  if (after !== undefined) changes.push({ kind: "file", path, before, after, about: "turns on the containerd image store of Docker" });
  changes.push(await plannedRestart(daemon, ask, ports));
  return {
    with: "containerd",
    changes,
    notes: [...causeNotes(daemon, config?.snapshotter, after, path), ...placeNotes(daemon, path, ports.files), ...priceNotes(daemon)],
  };
}

function knownPath({ configFile }: DaemonFact): string {
  if (configFile.known) return configFile.value;
  throw new ProblemError("daemon-config-invalid", {
    message: `nobody knows which configuration file Docker reads: ${configFile.why}`,
    hint: "name it with --daemon-config FILE; nothing was changed",
  });
}

function settingOf(product: string): HostChange {
  const byHand = storeSettingOf(product) ?? `turn on the containerd image store in the settings of ${product}`;
  return { kind: "restart", command: undefined, byHand, about: `${product} keeps Docker's configuration in its own settings` };
}

/** Why the store is the classic one, where that is not what one would think. */
function causeNotes(daemon: DaemonFact, flag: boolean | undefined, after: string | undefined, path: string): readonly string[] {
  if (after === undefined) return [`"${path}" turns on the containerd image store already: Docker has not been started with it yet`];
  if (atLeast(daemon.version, CONTAINERD_BY_DEFAULT) !== true) return [];
  if (flag === false) return [`Docker ${daemon.version} would have the containerd image store by itself, but "${path}" turns it off`];
  return [`Docker ${daemon.version} keeps the classic image store because its data folder holds images or containers of it; the configuration overrules that`];
}

/** A file that Docker does not read would be changed in vain. */
function placeNotes({ configFile }: DaemonFact, path: string, files: HostFiles): readonly string[] {
  if (!configFile.known || configFile.value === path) return [];
  const linked = files.read(configFile.value, false);
  if (linked.kind === "symlink" && linked.linkTo === path) return [];
  return [`Docker reads "${configFile.value}" (${configFile.source}), not "${path}"`];
}

function priceNotes(daemon: DaemonFact): readonly string[] {
  const { containersRunning: running, liveRestore } = daemon;
  const stop = `${running === 1 ? "1 running container stops" : `${running} running containers stop`} at the restart`;
  const stray = `${running === 1 ? "1 running container goes" : `${running} running containers go`} on running through the restart (live-restore), but Docker does not know ${running === 1 ? "it" : "them"} any more: stop ${running === 1 ? "it" : "them"} before`;
  return [
    hiddenNote(daemon),
    ...(running === 0 ? [] : [liveRestore ? stray : `${stop}, and Docker does not show ${running === 1 ? "it" : "them"} afterwards`]),
    "platforms other than this machine's are emulated with what the kernel has registered: Docker's own builder brings no emulators",
  ];
}

const hiddenNote = ({ images }: DaemonFact): string =>
  `images and containers of the classic store (${images === 1 ? "1 image" : `${images} images`}) are not shown any more; they stay on the disk, and are shown again when this is undone`;
