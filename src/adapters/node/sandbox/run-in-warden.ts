import { type Digest, hexOf } from "../../../core/digest.ts";
import { byCodeUnit } from "../../../core/order.ts";
import { formatPlatform } from "../../../core/platform.ts";
import type { SandboxEnd, SandboxMount, SandboxProgram } from "../../../engine/sandbox.ts";
import type { ByteStream } from "../../../image/blob-store.ts";
import { type AgentSocket, serveAgentFor } from "./agent-socket.ts";
import { type HeldCache, holdCache } from "./cache-folder.ts";
import { framesOf } from "./frames.ts";
import { hostsFile, resolverFile } from "./network-files.ts";
import { FRAME, type MountOrder, type ProgramOrder, type ProgramReport } from "./protocol.ts";
import type { Warden } from "./warden.ts";
import { askWarden, bytesOf, interrupted } from "./warden-request.ts";

/** What a program holds while it runs. */
type Held = HeldCache | AgentSocket;

/** Runs a program in the warden, and holds what it needs for as long as it runs. */
export async function runInWarden(
  warden: Warden,
  program: SandboxProgram,
  emulated: boolean,
  id: string,
  signal: AbortSignal,
  putInPlace: (layer: Digest, act: () => Promise<void>) => Promise<void>,
): Promise<SandboxEnd> {
  const { address } = warden;
  const held: Held[] = [];
  const forget = async (): Promise<void> => void (await askWarden(address, { method: "DELETE", path: `/programs/${id}` }));
  try {
    if (signal.aborted) throw interrupted();
    const caches = await holdCaches(program.mounts, warden, held, signal);
    const mounts: MountOrder[] = [];
    for (const mount of program.mounts) mounts.push(await mountOrder(mount, warden, caches, id, held));
    const report = await reportOf(warden, orderOf(program, mounts, id, emulated), program.output, signal);
    if (signal.aborted) throw interrupted();
    return {
      ...report,
      async *changes(epoch): ByteStream {
        const path = `/programs/${id}/changes${epoch === undefined ? "" : `?epoch=${epoch}`}`;
        yield* bytesOf(await askWarden(address, { method: "GET", path }), address);
      },
      async keepAs(layer) {
        await putInPlace(layer, async () => void (await askWarden(address, { method: "POST", path: `/programs/${id}/keep?as=${hexOf(layer)}` })));
        await forget();
      },
      discard: forget,
    };
  } catch (error) {
    // Until it has answered something of the program may run.
    await forget().catch(() => {});
    throw signal.aborted ? interrupted() : error;
  } finally {
    await Promise.all(held.map(({ release }) => release()));
  }
}

/** Sends the order, and hands on what the program prints until it ends. */
async function reportOf(warden: Warden, order: ProgramOrder, output: SandboxProgram["output"], signal: AbortSignal): Promise<ProgramReport> {
  const body = Buffer.from(JSON.stringify(order));
  const response = await askWarden(warden.address, { method: "POST", path: "/programs", body, signal });
  for await (const { kind, bytes } of framesOf(bytesOf(response, warden.address))) {
    if (kind === FRAME.end) return JSON.parse(bytes.toString()) as ProgramReport;
    output(kind === FRAME.stdout ? "stdout" : "stderr", bytes);
  }
  throw new Error("the warden's answer ended before the program did");
}

function orderOf(program: SandboxProgram, mounts: readonly MountOrder[], id: string, emulated: boolean): ProgramOrder {
  return {
    id,
    layers: program.layers.map(hexOf),
    arguments: program.arguments,
    environment: program.environment,
    workdir: program.workdir,
    user: program.user,
    mounts,
    network: program.network,
    etcHosts: hostsFile(program.hosts),
    resolvConf: resolverFile(),
    ...(program.shmBytes === undefined ? {} : { shmBytes: program.shmBytes }),
    ulimits: program.ulimits,
    platform: formatPlatform(program.platform),
    emulated,
  };
}

/**
 * Holds each cache once, however often a program mounts it; all programs take theirs in one order, so that no two wait for each other.
 * @param held  gets them as they come: the program may be cancelled while it waits
 */
async function holdCaches(mounts: readonly SandboxMount[], warden: Warden, held: Held[], signal: AbortSignal): Promise<ReadonlyMap<string, HeldCache>> {
  const owner = { uid: warden.uids[0]?.outside ?? 0, gid: warden.gids[0]?.outside ?? 0 };
  const caches = new Map<string, HeldCache>();
  for (const mount of mounts.filter(({ kind }) => kind === "cache").sort(byId)) {
    if (mount.kind !== "cache" || caches.has(mount.id)) continue;
    const cache = await holdCache(warden.area, mount, owner, warden.lease, signal);
    held.push(cache);
    caches.set(mount.id, cache);
  }
  return caches;
}

const byId = (a: SandboxMount, b: SandboxMount): number => (a.kind === "cache" && b.kind === "cache" ? byCodeUnit(a.id, b.id) : 0);

async function mountOrder(mount: SandboxMount, warden: Warden, caches: ReadonlyMap<string, HeldCache>, id: string, held: Held[]): Promise<MountOrder> {
  switch (mount.kind) {
    case "files":
      return { ...mount, layers: mount.layers.map(hexOf) };
    case "cache": {
      const { sharing: _, seed, ...rest } = mount;
      const folder = caches.get(mount.id)?.folder ?? "";
      return { ...rest, folder, ...(seed === undefined ? {} : { seed: { layers: seed.layers.map(hexOf), path: seed.path } }) };
    }
    case "tmpfs":
      return mount;
    case "file": {
      const { content, ...rest } = mount;
      return { ...rest, base64: Buffer.from(content).toString("base64") };
    }
    case "ssh-agent": {
      const agent = await serveAgentFor(warden, `${warden.lease.owner}.${id}-${held.length}`, mount.socket);
      held.push(agent);
      const { target, mode, uid, gid } = mount;
      return { kind: "socket", target, mode, uid, gid, socket: agent.socket };
    }
  }
}
