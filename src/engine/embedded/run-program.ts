import { type Digest, digestOf } from "../../core/digest.ts";
import { byCodeUnit } from "../../core/order.ts";
import { ProblemError } from "../../core/problem.ts";
import type { FileSystem, RunVertex, VertexId } from "../../plan/graph.ts";
import type { RunSettings } from "../run-settings.ts";
import type { SandboxMount, SandboxProgram } from "../sandbox.ts";
import { missingAgent, missingSecret } from "./check-run-settings.ts";
import { type PlannedMount, type RunMounts, runMounts } from "./run-mounts.ts";

/** Tells the layers of what a mount takes its files from. */
export interface MountFiles {
  /**
   * @param selector  `source` of the mount: absolute and cleaned, `/` for all
   * @returns the unpacked layers that hold it, and where in them (no leading slash, symlinks followed; `""` is all); undefined when there is no such path
   */
  layersOf(from: VertexId | FileSystem, selector: string): Promise<{ readonly layers: readonly Digest[]; readonly path: string } | undefined>;
  /** Layers of the files that the program runs upon. */
  readonly onLayers: readonly Digest[];
}

/**
 * What the sandbox has to run for a RUN, as BuildKit would.
 * @throws {ProblemError} `secret-missing` | `source-missing`
 * @see moby/buildkit solver/llbsolver/ops/exec.go, frontend/gateway/container/container.go `PrepareMounts`, read 2026-11-22
 */
export async function runProgram(vertex: RunVertex, settings: RunSettings, files: MountFiles, output: SandboxProgram["output"]): Promise<SandboxProgram> {
  const planned = runMounts(vertex);
  const mounts: SandboxMount[] = [];
  for (const mount of planned.mounts) {
    const made = await sandboxMount(mount, settings, files);
    if (made !== undefined) mounts.push(made);
  }
  return {
    layers: topmost(files.onLayers),
    platform: vertex.platform,
    arguments: vertex.arguments,
    environment: [...stageEnvironment(vertex, planned), ...settings.proxies, ...(await secretVariables(planned, settings))],
    workdir: vertex.workdir,
    user: vertex.user,
    // Its size on the command line counts, whatever is mounted there.
    mounts: inOrder(mounts).filter(({ target }) => settings.shmBytes === undefined || target !== "/dev/shm"),
    network: networkOf(vertex, settings) === "none" ? "none" : "host",
    hosts: settings.hosts,
    ...(settings.shmBytes === undefined ? {} : { shmBytes: settings.shmBytes }),
    ulimits: settings.ulimits,
    output,
  };
}

/** `default` in the Dockerfile is what --network says, too. */
export const networkOf = (vertex: RunVertex, settings: RunSettings): RunSettings["network"] =>
  vertex.network === "none" || vertex.network === "host" ? vertex.network : settings.network;

/** What is set before anything of the command line is: it is part of the key. The socket's name is set even when an optional agent is not there. */
export function stageEnvironment(vertex: RunVertex, { agentSocket }: RunMounts): readonly string[] {
  const isSet = vertex.environment.some((entry) => entry.startsWith("SSH_AUTH_SOCK="));
  return agentSocket === undefined || isSet ? vertex.environment : [...vertex.environment, `SSH_AUTH_SOCK=${agentSocket}`];
}

/** An optional secret that is not given makes an empty variable. */
async function secretVariables({ variables }: RunMounts, settings: RunSettings): Promise<string[]> {
  const set: string[] = [];
  for (const { name, secret, required } of variables) {
    const read = settings.secrets.get(secret);
    if (read === undefined && required) throw missingSecret(secret);
    const value = Buffer.from((await read?.()) ?? []).toString("utf8");
    if (value.includes("\0"))
      throw new ProblemError("secret-missing", {
        message: `the secret "${secret}" holds a zero byte, so that it cannot be the variable ${name}`,
        hint: "mount it as a file: leave env= out",
      });
    set.push(`${name}=${value}`);
  }
  return set;
}

async function sandboxMount(mount: PlannedMount, settings: RunSettings, files: MountFiles): Promise<SandboxMount | undefined> {
  switch (mount.kind) {
    case "files":
      return { kind: "files", target: mount.target, writable: mount.writable, ...(await sourceOf(mount, files)) };
    case "cache":
      return await cacheMount(mount, settings, files);
    case "tmpfs":
      return { kind: "tmpfs", target: mount.target, ...(mount.bytes === 0 ? {} : { bytes: mount.bytes }), ...(mount.readonly ? { readonly: true } : {}) };
    case "script":
      return fileOf(mount, Buffer.from(mount.content));
    case "secret": {
      const read = settings.secrets.get(mount.id);
      if (read !== undefined) return fileOf(mount, await read());
      if (mount.required) throw missingSecret(mount.id);
      return undefined;
    }
    case "agent": {
      const open = settings.agents.get(mount.id);
      const { target, mode, uid, gid } = mount;
      if (open !== undefined) return { kind: "ssh-agent", target, socket: await open(), mode, uid, gid };
      if (mount.required) throw missingAgent(mount.id);
      return undefined;
    }
  }
}

const fileOf = (
  { target, mode, uid, gid }: Extract<PlannedMount, { readonly content: string } | { readonly kind: "secret" }>,
  content: Uint8Array,
): SandboxMount => ({
  kind: "file",
  target,
  content,
  mode,
  uid,
  gid,
});

/** Caches that began with other files, or with another owner, are others, whatever their id. */
async function cacheMount(mount: Extract<PlannedMount, { readonly kind: "cache" }>, settings: RunSettings, files: MountFiles): Promise<SandboxMount> {
  const { access, target, sharing, readonly } = mount;
  const id = settings.cacheNamespace === undefined ? mount.id : `${settings.cacheNamespace}//${mount.id}`;
  // A mode or an owner makes a new folder, also where there is a `from`.
  const seed = access === undefined && (mount.from !== undefined || mount.selector !== "/") ? await sourceOf(mount, files) : undefined;
  const beginning = seed ?? access;
  return {
    kind: "cache",
    target,
    id: beginning === undefined ? id : `${id}:${digestOf(JSON.stringify(beginning))}`,
    sharing,
    ...(seed === undefined ? {} : { seed }),
    ...(access ?? { mode: 0o755, uid: 0, gid: 0 }),
    readonly,
  };
}

async function sourceOf(
  { from, selector, target }: Extract<PlannedMount, { readonly selector: string }>,
  files: MountFiles,
): Promise<{ readonly layers: readonly Digest[]; readonly path: string }> {
  const found = from !== undefined ? await files.layersOf(from, selector) : selector === "/" ? { layers: [], path: "" } : undefined;
  if (found !== undefined) return { layers: topmost(found.layers), path: found.path };
  throw new ProblemError("source-missing", {
    message: `the mount at "${target}" takes "${selector}", which does not exist ${from === undefined ? "in an empty folder" : "where it is taken from"}`,
    hint: from === undefined ? "name a stage or an image with from=, or leave source= out" : "check source= against the files of the context, stage or image",
    facts: { source: selector, target },
  });
}

/** Parents first; of several at one place the last counts. */
function inOrder(mounts: readonly SandboxMount[]): SandboxMount[] {
  const last = new Map(mounts.map((mount) => [mount.target, mount]));
  return [...last.values()].sort((a, b) => byCodeUnit(a.target, b.target));
}

/** A layer that lies over itself (two steps that changed the same, or nothing) hides all of its lower self; overlayfs takes none twice. */
const topmost = (layers: readonly Digest[]): readonly Digest[] => [...new Set(layers.toReversed())].toReversed();
