import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Candidate, candidateWorlds } from "../../src/adapters/node/sandbox/enter/candidates.ts";
import { tryWorlds } from "../../src/adapters/node/sandbox/enter/try-worlds.ts";
import { sandboxClient } from "../../src/adapters/node/sandbox/sandbox-client.ts";
import type { Warden } from "../../src/adapters/node/sandbox/warden.ts";
import { type Digest, digestOf } from "../../src/core/digest.ts";
import type { Sandbox, SandboxEnd, SandboxProgram } from "../../src/engine/sandbox.ts";
import type { LayerEntry } from "../../src/image/entry.ts";
import { tarParser } from "../../src/image/tar/reader.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";
import { HOST_ARCHITECTURE, hostRootTar } from "./sandbox-base.ts";
import { lastingLeftovers } from "./sandbox-leftovers.ts";

/** An open sandbox with a base of this machine's own programs. */
export interface SandboxRoom {
  readonly sandbox: Sandbox;
  readonly warden: Warden;
  readonly folder: string;
  /** Of the base. */
  readonly base: Digest;
  unpack(tar: Buffer): Promise<Digest>;
  /** Unpacks a layer that is made of these. */
  layer(...entries: readonly RoomEntry[]): Promise<Digest>;
  /** Runs a shell script (a text), or a program with arguments, upon the base when nothing else is said, and forgets what it changed. */
  run(what: string | readonly string[], more?: RoomProgram): Promise<RoomRun>;
  /** The same; what it changed is the caller's to keep or discard. */
  start(what: string | readonly string[], more?: RoomProgram): Promise<RoomRun & { readonly end: SandboxEnd }>;
  /** Names below a folder of the area, of programs only: `work`, `run` and so on. */
  left(folder: string): string[];
  /** The most memory that the warden has had, with its cells: bytes. */
  wardenMemory(): number;
  /** Ends it. @returns what it left on the machine */
  close(): Promise<string[]>;
}

export type RoomEntry = Partial<LayerEntry> & { readonly path: string; readonly text?: string };

export type RoomProgram = Partial<SandboxProgram> & {
  /** Layers upon the base. */
  readonly upon?: readonly Digest[];
  readonly signal?: AbortSignal;
};

export interface RoomRun {
  readonly code: number;
  readonly signal: string | undefined;
  readonly why: string | undefined;
  readonly out: string;
  readonly err: string;
  /** What it changed, by path. */
  readonly changes: ReadonlyMap<string, ChangedEntry>;
}

export type ChangedEntry = LayerEntry & { readonly text: string };

export interface RoomOptions {
  /** Default: the best that this user can hope for. */
  readonly candidate?: Candidate;
  readonly base?: Buffer;
}

export async function sandboxRoom({ candidate, base = hostRootTar() }: RoomOptions = {}): Promise<SandboxRoom> {
  if (base === undefined) throw new Error("no root can be made here: ask sandboxHere first");
  const folder = mkdtempSync(join(tmpdir(), "multihull-room-"));
  const { warden, trials } = await tryWorlds({ folder, candidates: candidate === undefined ? candidateWorlds() : [candidate] });
  if (warden === undefined) throw new Error(trials.map(({ said }) => said).join("; "));
  const sandbox = sandboxClient(warden, () => false);
  const never = new AbortController().signal;
  const unpack = async (tar: Buffer): Promise<Digest> => {
    const layer = digestOf(tar);
    await sandbox.unpack(layer, inChunks(tar), never);
    return layer;
  };
  const root = await unpack(base);
  const start: SandboxRoom["start"] = async (what, { upon = [], signal = never, ...more } = {}) => {
    const printed = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const end = await sandbox.run(
      {
        ...PROGRAM,
        layers: [root, ...upon],
        arguments: typeof what === "string" ? ["/bin/sh", "-c", what] : what,
        output: (stream, bytes) => printed[stream].push(Buffer.from(bytes)),
        ...more,
      },
      signal,
    );
    const [out, err] = [printed.stdout, printed.stderr].map((chunks) => Buffer.concat(chunks).toString("latin1")) as [string, string];
    return { end, code: end.exitCode, signal: end.signal, why: end.why, out, err, changes: await changesOf(end) };
  };
  return {
    sandbox,
    warden,
    folder,
    base: root,
    unpack,
    layer: (...entries) => unpack(tarOf(entries)),
    start,
    async run(what, more) {
      const { end, ...run } = await start(what, more);
      await end.discard();
      return run;
    },
    left: (name) => readdirSync(join(warden.area, name)).filter((entry) => !entry.endsWith(".sock")),
    wardenMemory: () => Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${wardenPid(warden.area)}/status`, "utf8"))?.[1]) * 1024,
    async close() {
      await warden.close();
      const found = await lastingLeftovers(folder);
      rmSync(folder, { recursive: true, force: true });
      return found;
    },
  };
}

/** The warden works in its area. */
function wardenPid(area: string): string {
  const found = readdirSync("/proc").find((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === area && readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(`${process.execPath}\0`);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  });
  if (found === undefined) throw new Error("no warden works here");
  return found;
}

/** A world, entered by way of a shell that does something first, in a mount namespace of its own: only root can. `"$PWD"` is the area. */
export function enteredThrough(lines: string, candidate = candidateWorlds()[0] as Candidate): Candidate {
  return {
    ...candidate,
    async enter() {
      const entrance = await candidate.enter();
      return {
        command: ["unshare", "-m", "--propagation", "private", "sh", "-euc", `${lines}\nexec "$@"`, "sh", ...entrance.command],
        release: () => entrance.release(),
      };
    },
  };
}

const PROGRAM: Omit<SandboxProgram, "layers" | "output" | "arguments"> = {
  platform: { os: "linux", architecture: HOST_ARCHITECTURE },
  environment: [],
  workdir: "/",
  user: "",
  mounts: [],
  network: "none",
  hosts: [],
  ulimits: [],
};

export function tarOf(entries: readonly RoomEntry[]): Buffer {
  return Buffer.concat([
    ...entries.flatMap(({ text = "", ...entry }) => {
      const bytes = Buffer.from(text);
      const type = entry.type ?? "file";
      return [
        tarHeader({ type, mode: type === "directory" ? 0o755 : 0o644, uid: 0, gid: 0, mtime: 1_000_000_000, ...entry, size: bytes.length }),
        bytes,
        tarPad(bytes.length),
      ];
    }),
    TAR_END,
  ]);
}

async function changesOf(end: SandboxEnd): Promise<ReadonlyMap<string, ChangedEntry>> {
  const found = new Map<string, ChangedEntry>();
  const parser = tarParser({
    entry: (entry) => {
      found.set(entry.path, { ...entry, text: "" });
      return (chunk) => found.set(entry.path, { ...entry, text: (found.get(entry.path)?.text ?? "") + Buffer.from(chunk).toString("latin1") });
    },
  });
  for await (const chunk of end.changes(undefined)) parser.write(chunk);
  parser.end();
  return found;
}

async function* inChunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 65_536) yield bytes.subarray(at, at + 65_536);
}
