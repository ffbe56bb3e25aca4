import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Lease } from "../store/lease.ts";
import { leftovers } from "./area.ts";
import type { Candidate, Entrance } from "./enter/candidates.ts";
import { idCount } from "./enter/id-ranges.ts";
import { lastWords, spawnClean } from "./enter/spawn-clean.ts";
import type { WardenOptions, WardenReady } from "./protocol.ts";
import type { Warden } from "./warden.ts";
import { wardenProgram } from "./warden-program.ts";
import { askWarden, jsonOf, type WardenAddress } from "./warden-request.ts";

/** How long a warden may take to listen; a machine that is busy emulating is slow. */
const READY_MS = 30_000;
/** How long it may take to end its programs and remove what they left, before it is killed: the next one sweeps. */
const CLOSE_MS = 20_000;

/**
 * Starts a warden in a world.
 * @param entrance  released when this settles
 * @param emulators  puts them into the area: `placeEmulators`
 * @param lease  ended with the warden
 * @throws {Error} why it could not be entered, in the machine's words
 */
export async function startWarden(
  candidate: Candidate,
  entrance: Entrance,
  openArea: () => string,
  lease: Lease,
  emulators: (area: string) => Readonly<Record<string, string>>,
): Promise<Warden> {
  try {
    return await start(candidate, entrance, openArea(), lease, emulators);
  } finally {
    entrance.release();
  }
}

async function start(
  candidate: Candidate,
  { command }: Entrance,
  area: string,
  lease: Lease,
  emulators: (area: string) => Readonly<Record<string, string>>,
): Promise<Warden> {
  const placed = emulators(area);
  const child = spawnClean([...command, process.execPath, wardenProgram()], ["pipe", "pipe", "pipe"], area);
  const said = lastWords(child);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    const ids = Math.min(idCount(candidate.uids), idCount(candidate.gids));
    const cells = candidate.world === "chroot" ? "chroot" : "namespaces";
    const ready = await started(child, said, { owner: lease.owner, cells, ids, emulators: placed, leftovers: leftovers(area) });
    const folder = openSync(join(area, "run"), "r");
    const address: WardenAddress = { socket: `/proc/self/fd/${folder}/${lease.owner}.sock`, said };
    let closing: Promise<void> | undefined;
    return {
      world: candidate.world,
      uids: candidate.uids,
      gids: candidate.gids,
      ids,
      area,
      runFolder: `/proc/self/fd/${folder}`,
      overlay: ready.overlay,
      lease,
      registered: ready.registered,
      ...(ready.refused === undefined ? {} : { registrationError: ready.refused }),
      address,
      async tryProgram(program, signal) {
        return await jsonOf(await askWarden(address, { method: "POST", path: "/try", body: program, ...(signal === undefined ? {} : { signal }) }));
      },
      close: () =>
        (closing ??= end(child, ended).finally(() => {
          closeSync(folder);
          lease.end();
        })),
    };
  } catch (error) {
    child.kill("SIGKILL");
    await ended;
    throw error;
  }
}

/** Tells the warden what it needs to know, and waits until it listens. */
function started(child: ChildProcess, said: () => string, options: WardenOptions): Promise<WardenReady> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it did not start within ${READY_MS / 1000} seconds`)), READY_MS);
    const settle =
      <T>(act: (value: T) => void) =>
      (value: T): void => {
        clearTimeout(timer);
        act(value);
      };
    child.once("error", settle(reject));
    child.once("close", (code, signal) => settle(reject)(new Error(said() || `it ended with ${signal ?? `exit code ${code}`}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).once("line", (line) => settle(resolve)(JSON.parse(line) as WardenReady));
    // It may have ended by now, which "close" tells of.
    child.stdin?.on("error", () => {});
    child.stdin?.write(`${JSON.stringify(options)}\n`);
  });
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), CLOSE_MS);
  await ended;
  clearTimeout(timer);
}
