import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync } from "node:fs";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { CellOrder } from "../cell/order.ts";
import { within } from "../cell/path-refusal.ts";
import { CellRefusal } from "../cell/refusal.ts";
import { makeInRoot } from "../cell/root-path.ts";
import type { CellListener, RunningCell } from "../cell/start-cell.ts";
import { type ProgramUser, userOf } from "../cell/user.ts";
import { libc } from "../libc.ts";
import type { ProgramReport } from "../protocol.ts";
import { killDescendants } from "./chroot-cell-kill.ts";
import { placeMounts, placeSystem } from "./chroot-cell-mounts.ts";
import type { ChrootAnswer, ChrootOrder } from "./chroot-cell-order.ts";
import { asidesFolder, rootPlaces } from "./chroot-cell-places.ts";
import { ownChildren } from "./own-children.ts";

/** prctl(2). Source: Linux 6.18 include/uapi/linux/prctl.h, read 2026-11-22. */
const PR_SET_CHILD_SUBREAPER = 36;

/**
 * Runs a program in `WORK/root`, into which `copyRoot` has put the layers already, where nothing can be mounted and no namespace made: by chroot, in a process of
 * its own. What would be mounted is put into the root and taken out again, whatever happens; of the program's processes none is left. It sees the machine's
 * processes (though not by /proc) and network, and what is put there read-only can be written to, without effect.
 * @param launcher  the program of that process
 */
export function startChrootCell(
  order: CellOrder,
  on: CellListener,
  launcher: readonly string[] = [fileURLToPath(new URL("./sandbox-chroot.mjs", import.meta.url))],
): RunningCell {
  const stopping = new AbortController();
  let stop = (): void => {};

  async function run(): Promise<ProgramReport> {
    const { program } = order;
    const work = `${order.area}/${order.work}`;
    const root = `${work}/root`;
    if (program.network === "none")
      throw new CellRefusal({
        code: "sandbox-unavailable",
        message: "RUN --network=none needs a network namespace, which this container may not make",
        hint: "run multihull where namespaces can be made, or leave the option out",
      });
    const places = rootPlaces(root, asidesFolder(work));
    const undo: (() => void)[] = [];
    try {
      const user = userOf(root, program.user);
      makeWorkdir(root, program.workdir, user);
      placeSystem(root, places);
      await placeMounts(order, { places, undo, stopped: stopping.signal });
      makeWorkdir(root, program.workdir, user);
      stopping.signal.throwIfAborted();
      const { workdir, platform, ulimits, environment, arguments: words } = program;
      return await launch({ root, arguments: words, environment, workdir, user, platform, ulimits });
    } finally {
      try {
        places.undo();
      } finally {
        for (const act of undo) act();
      }
    }
  }

  async function launch(chroot: ChrootOrder): Promise<ProgramReport> {
    const child = spawn(process.execPath, [...launcher], { stdio: ["ignore", "pipe", "pipe", "ipc"], env: {}, detached: true });
    const { pid } = child;
    if (pid === undefined) throw new CellRefusal({ code: "sandbox-unavailable", message: "no process can be started" });
    ownChildren.add(pid);
    stop = () => void killAll(child, pid);
    const closed = new Promise<void>((done) => child.once("close", () => done()));
    const exited = new Promise<void>((done) => child.once("exit", () => done()));
    const handed = Promise.all([hand(child.stdout as Readable, "stdout", on), hand(child.stderr as Readable, "stderr", on)]);
    handed.catch(() => stop());
    let answer: ChrootAnswer | undefined;
    try {
      answer = await answerOf(child, chroot, () => {
        if (stopping.signal.aborted) stop();
      });
    } finally {
      await killAll(child, pid);
      await exited;
      ownChildren.delete(pid);
      await killStrays();
    }
    await closed;
    await handed;
    if (answer !== undefined && "report" in answer) return answer.report;
    if (stopping.signal.aborted) return { exitCode: 137, signal: "SIGKILL" };
    throw new CellRefusal(
      answer?.refusal ?? { code: "sandbox-unavailable", message: "the process that goes into the copied root ended before its program did" },
    );
  }

  return {
    ended: run(),
    stop() {
      stopping.abort(new CellRefusal({ code: "interrupted", message: "the step was stopped before it began" }));
      stop();
    },
  };
}

/** Undefined when it ended without one. */
async function answerOf(child: ChildProcess, order: ChrootOrder, sent: () => void): Promise<ChrootAnswer | undefined> {
  return await new Promise((done, fail) => {
    child.once("error", fail);
    child.once("exit", () => done(undefined));
    child.once("message", (message) => done(message as ChrootAnswer));
    child.send(order, (error) => {
      // It ended before it listened: its exit tells.
      if (error !== null) done(undefined);
    });
    sent();
  });
}

let adopting = false;

/** From now on this process adopts what a program leaves behind that has killed the process which it was to be left to. */
export function adoptStrays(): void {
  libc().prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  adopting = true;
}

async function killStrays(): Promise<void> {
  if (adopting) await killDescendants(process.pid, ownChildren);
}

/** Those that the program left behind first: they are found as children of the process that adopts them. */
async function killAll(child: ChildProcess, pid: number): Promise<void> {
  // Its number may be another's by now.
  if (child.exitCode !== null || child.signalCode !== null) return;
  await killDescendants(pid);
  child.kill("SIGKILL");
}

/** Gives on what is printed; reads no further while the listener has not taken it. */
async function hand(from: Readable, stream: "stdout" | "stderr", on: CellListener): Promise<void> {
  for await (const bytes of from) await on.output(stream, bytes as Uint8Array);
}

function makeWorkdir(root: string, path: string, user: ProgramUser): void {
  const place = within(path, () =>
    makeInRoot(root, path, "folder", (made) => {
      chmodSync(`${root}/${made}`, 0o755);
      chownSync(`${root}/${made}`, user.uid, user.gid);
    }),
  );
  if (place.kind !== "folder") throw new CellRefusal({ code: "run-failed", message: `the working directory "${path}" is not a folder` });
}
