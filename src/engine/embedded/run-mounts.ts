import { posix } from "node:path";
import type { FileSystem, RunMountPlan, RunVertex, VertexId } from "../../plan/graph.ts";

/**
 * The mounts of a RUN with every default of BuildKit filled in, but nothing looked up yet. Targets are absolute and cleaned.
 * @see moby/buildkit frontend/dockerfile/dockerfile2llb convert_runmount.go, convert_secrets.go, convert_ssh.go; client/llb/exec.go, read 2026-11-22
 */
export interface RunMounts {
  /** In the order of the Dockerfile, secrets and then agents behind the rest, as BuildKit keeps them. */
  readonly mounts: readonly PlannedMount[];
  /** Secrets that become variables. */
  readonly variables: readonly { readonly name: string; readonly secret: string; readonly required: boolean }[];
  /** What SSH_AUTH_SOCK is unless the stage sets it; absent without an agent. */
  readonly agentSocket?: string;
}

interface Access {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Where files come from; `from` absent: nothing, an empty folder. `selector` is absolute and cleaned, `/` for all. */
interface MountSource {
  readonly from?: VertexId | FileSystem;
  readonly selector: string;
}

export type PlannedMount =
  | (MountSource & { readonly kind: "files"; readonly target: string; readonly writable: boolean })
  | (MountSource & {
      readonly kind: "cache";
      readonly target: string;
      readonly id: string;
      /** The id is the target as written, and the sharing not told: the only case in which BuildKit's key holds them. */
      readonly plain: boolean;
      readonly sharing: "shared" | "private" | "locked";
      readonly readonly: boolean;
      /** Mode and owner are told, and of an empty folder, not of a `selector`. */
      readonly access?: Access;
    })
  | { readonly kind: "tmpfs"; readonly target: string; readonly bytes: number; readonly readonly: boolean }
  | (Access & { readonly kind: "script"; readonly target: string; readonly content: string })
  | (Access & { readonly kind: "secret"; readonly target: string; readonly id: string; readonly required: boolean })
  | (Access & { readonly kind: "agent"; readonly target: string; readonly id: string; readonly required: boolean });

const UNITS = ["", "k", "m", "g", "t", "p"];

/** Bytes of a size as Docker writes it: `64m`, `1.5 GiB`. Undefined when it is none. @see docker/go-units size.go `RAMInBytes`, read 2026-11-22 */
export function bytesOf(text: string): number | undefined {
  const [, number, unit = ""] = /^(\d+\.?\d*|\.\d+) ?(?:b|([kmgtp])(?:i?b)?)?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Math.trunc(Number(number) * 1024 ** UNITS.indexOf(unit.toLowerCase()));
}

export function runMounts(vertex: RunVertex): RunMounts {
  const files: PlannedMount[] = [];
  const secrets: PlannedMount[] = [];
  const agents: PlannedMount[] = [];
  const variables: RunMounts["variables"][number][] = [];
  let agentSocket: string | undefined;
  if (vertex.script !== undefined) files.push({ kind: "script", target: vertex.script.path, content: vertex.script.content, mode: 0o755, uid: 0, gid: 0 });
  for (const mount of vertex.mounts) {
    const { options } = mount;
    const required = options.required === "true";
    switch (mount.type) {
      case "secret": {
        const id = options.source || options.id || posix.basename(options.target ?? "");
        if (options.env !== undefined) variables.push({ name: options.env, secret: id, required });
        const target = options.target || (options.env === undefined ? `/run/secrets/${posix.basename(id)}` : undefined);
        if (target !== undefined) secrets.push({ kind: "secret", target: inside(vertex, target), id, required, ...accessOf(options, 0o400) });
        break;
      }
      case "ssh": {
        const target = options.target || `/run/buildkit/ssh_agent.${agents.length}`;
        agentSocket ??= target;
        agents.push({ kind: "agent", target: inside(vertex, target), id: options.id || "default", required, ...accessOf(options, 0o600) });
        break;
      }
      case "bind":
      case "cache":
      case "tmpfs":
        files.push(fileMount(vertex, mount));
    }
  }
  return { mounts: [...files, ...secrets, ...agents], variables, ...(agentSocket === undefined ? {} : { agentSocket }) };
}

function fileMount(vertex: RunVertex, { type, from, options }: RunMountPlan): PlannedMount {
  const written = options.target ?? "";
  const target = inside(vertex, written);
  const readonly = options.readonly === "true";
  if (type === "tmpfs") return { kind: "tmpfs", target, bytes: bytesOf(options.size ?? "0") ?? 0, readonly };
  const source = { ...(from === undefined ? {} : { from }), selector: withoutSlash(posix.join("/", options.source ?? "")) };
  if (type === "bind") return { kind: "files", target, ...source, writable: !readonly };
  const told = ["mode", "uid", "gid"].some((option) => options[option] !== undefined);
  const sharing = options.sharing === "private" || options.sharing === "locked" ? options.sharing : "shared";
  const id = options.id || withoutSlash(posix.normalize(written));
  return {
    kind: "cache",
    target,
    ...source,
    id,
    plain: sharing === "shared" && id === target,
    sharing,
    readonly,
    ...(told && source.selector === "/" ? { access: accessOf(options, 0o755) } : {}),
  };
}

const accessOf = (options: RunMountPlan["options"], mode: number): Access => ({
  mode: (options.mode === undefined ? mode : Number.parseInt(options.mode, 8)) & 0o777,
  uid: Number(options.uid ?? 0),
  gid: Number(options.gid ?? 0),
});

/** A relative target lies in WORKDIR. */
const inside = ({ workdir }: RunVertex, target: string): string => posix.resolve("/", workdir, target);

const withoutSlash = (path: string): string => (path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path);
