import { type Digest, digestOf } from "../../src/core/digest.ts";
import { ProblemError } from "../../src/core/problem.ts";
import type { Sandbox, SandboxAbility, SandboxEnd, SandboxHost, SandboxProgram } from "../../src/engine/sandbox.ts";
import type { ByteStream } from "../../src/image/blob-store.ts";
import type { LayerEntry } from "../../src/image/entry.ts";
import { tarParser } from "../../src/image/tar/reader.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";
import { Tree } from "../../src/image/tree.ts";
import { entriesOf, type Spec } from "./memory-build.ts";

/** What a program of a test does: it sees files and changes some. */
export interface MemoryProgram {
  /** The content of a file that the program sees; undefined when there is none. Mounts lie where they are mounted. */
  read(path: string): string | undefined;
  readonly program: SandboxProgram;
}

export type Act = (seen: MemoryProgram) => { readonly changes?: Readonly<Record<string, Spec>>; readonly exitCode?: number; readonly signal?: string };

export interface MemorySandbox extends SandboxHost {
  /** Programs that ran, by their last argument. */
  readonly ran: string[];
  /** Layers that were unpacked. */
  readonly unpackedLayers: Digest[];
  /** Ids of caches that were emptied. */
  readonly emptied: string[];
  opened: number;
}

interface Unpacked {
  readonly entries: readonly LayerEntry[];
  readonly contents: ReadonlyMap<string, string>;
}

/** A sandbox whose programs are functions, by their last argument. It keeps the contract: layers must be unpacked before they are used, and are what their digest says. */
export function memorySandbox(acts: Readonly<Record<string, Act>>, ability: Partial<SandboxAbility> = {}): MemorySandbox {
  const layers = new Map<Digest, Unpacked>();
  const ran: string[] = [];
  const unpackedLayers: Digest[] = [];

  function seenBy(diffIds: readonly Digest[]): (path: string) => string | undefined {
    let tree = Tree.empty<Unpacked>();
    for (const diffId of diffIds) {
      const layer = layers.get(diffId);
      if (layer === undefined) throw new Error(`the layer ${diffId} is used and was not unpacked`);
      tree = tree.apply(layer.entries, layer);
    }
    return (path) => {
      const node = tree.resolve(path, { followLast: true }).node;
      return node?.type === "file" ? node.source?.contents.get(node.sourcePath) : undefined;
    };
  }

  const sandbox: Sandbox = {
    notes: [],
    unpacked: async (wanted) => new Set(wanted.filter((diffId) => layers.has(diffId))),
    async unpack(diffId, archive) {
      const read = await unpack(archive);
      if (read.digest !== diffId) throw new ProblemError("diff-id-mismatch", { message: `wanted ${diffId}, got ${read.digest}` });
      layers.set(diffId, read);
      unpackedLayers.push(diffId);
    },
    async run(program, signal) {
      signal.throwIfAborted();
      const name = program.arguments.at(-1) as string;
      const act = acts[name];
      if (act === undefined) throw new ProblemError("run-failed", { message: `there is no program "${name}"` });
      ran.push(name);
      const own = seenBy(program.layers);
      const mounted = program.mounts.flatMap((mount) => (mount.kind === "files" ? [{ mount, read: seenBy(mount.layers) }] : []));
      const read = (path: string): string | undefined => {
        const inside = mounted.findLast(({ mount }) => path === mount.target || path.startsWith(`${mount.target === "/" ? "" : mount.target}/`));
        return inside === undefined ? own(path) : inside.read(`${inside.mount.path}/${path.slice(inside.mount.target.length)}`);
      };
      const { changes = {}, exitCode = 0, signal: death } = act({ read, program });
      program.output("stdout", Buffer.from(`${name} ran\n`));
      return ended(changes, exitCode, death);
    },
    async emptyCache(id) {
      host.emptied.push(id);
    },
    close: async () => {},
  };

  function ended(changes: Readonly<Record<string, Spec>>, exitCode: number, signal: string | undefined): SandboxEnd {
    const archive = archiveOf(changes);
    return {
      exitCode,
      ...(signal === undefined ? {} : { signal }),
      async *changes() {
        yield archive;
      },
      async keepAs(diffId) {
        layers.set(diffId, await unpack(once(archive)));
      },
      discard: async () => {},
    };
  }

  const host: MemorySandbox = {
    ran,
    unpackedLayers,
    emptied: [],
    opened: 0,
    ability: async (platforms) => ({
      world: "root",
      why: "a test says so",
      notes: [],
      snapshots: "overlay",
      platforms: platforms.map((platform) => ({ platform, how: "native" as const, why: "a test says so" })),
      ...ability,
    }),
    async open() {
      host.opened++;
      return sandbox;
    },
    close: async () => {},
  };
  return host;
}

function archiveOf(specs: Readonly<Record<string, Spec>>): Buffer {
  const parts = entriesOf(specs).flatMap(({ content, ...entry }) => {
    const size = entry.type === "file" ? content.byteLength : 0;
    return [tarHeader({ ...entry, type: entry.type, size } as LayerEntry), ...(size === 0 ? [] : [content, ...(size % 512 === 0 ? [] : [tarPad(size)])])];
  });
  return Buffer.concat([...parts, TAR_END]);
}

async function* once(bytes: Uint8Array): ByteStream {
  yield bytes;
}

async function unpack(archive: ByteStream): Promise<Unpacked & { readonly digest: Digest }> {
  const entries: LayerEntry[] = [];
  const contents = new Map<string, string>();
  const all: Uint8Array[] = [];
  const parser = tarParser({
    entry(entry) {
      entries.push(entry);
      if (entry.type !== "file") return undefined;
      contents.set(entry.path, "");
      return (chunk) => void contents.set(entry.path, contents.get(entry.path) + Buffer.from(chunk).toString());
    },
  });
  for await (const chunk of archive) {
    all.push(Uint8Array.from(chunk));
    parser.write(chunk);
  }
  parser.end();
  return { entries, contents, digest: digestOf(Buffer.concat(all)) };
}
