import { Worker } from "node:worker_threads";
import type { ProgramReport, Refusal } from "../protocol.ts";
import type { CellMessage, CellOrder, OutputTaken } from "./order.ts";
import { CellRefusal } from "./refusal.ts";
import { removeStubs } from "./stubs.ts";

/** What a running cell gives. */
export interface CellListener {
  /** What the program prints, in order of each stream. While a returned promise is open, no more than a few hundred KiB are read ahead: the program waits. */
  output(stream: "stdout" | "stderr", bytes: Uint8Array): void | Promise<void>;
}

/** A program in its cell. */
export interface RunningCell {
  /**
   * Settles when every process of the cell is gone, its mounts with them, and what was made to mount upon is away from `work/upper`.
   * @throws {CellRefusal} when the program could not be started
   */
  readonly ended: Promise<ProgramReport>;
  /** Kills all of it; `ended` settles soon after: with a report (`SIGKILL`), or a refusal (`interrupted`) when the program had not been started. Any number of times. */
  stop(): void;
}

/** A thread that has loaded its code and waits for an order; it has left nothing of the warden's yet. */
let ready: Worker | undefined;
let keepsReady = false;

/** From now on a thread is kept ready, so that a program need not wait for one to start. It keeps no process alive. */
export function keepCellReady(): void {
  keepsReady = true;
  if (ready !== undefined) return;
  ready = newThread();
  ready.on("error", forgetReady).on("exit", forgetReady).unref();
}

/** One that ended by itself is nobody's; the next program starts its own, and is told what is wrong. */
function forgetReady(): void {
  ready = undefined;
}

/** The thread's code is `sandbox-cell.mjs`, beside the file that this is built into. */
const newThread = (): Worker => new Worker(new URL("./sandbox-cell.mjs", import.meta.url), { stdin: false, stdout: false, stderr: false });

function takeThread(): Worker {
  if (ready === undefined) return newThread();
  const worker = ready.off("error", forgetReady).off("exit", forgetReady);
  ready = undefined;
  worker.ref();
  return worker;
}

/** Runs a program in a thread of its own. */
export function startCell(order: CellOrder, on: CellListener): RunningCell {
  const worker = takeThread();
  let pids: readonly number[] = [];
  let over = false;
  let stopped = false;
  const kill = (): void => {
    for (const pid of over ? [] : pids)
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has just ended by itself.
      }
  };
  const ended = new Promise<ProgramReport>((resolve, reject) => {
    let last: Extract<CellMessage, { type: "ended" | "refused" }> | undefined;
    let broken: Error | undefined;
    const handed = { stdout: Promise.resolve(), stderr: Promise.resolve() };
    worker.on("message", (message: CellMessage) => {
      if (message.type === "started") {
        ({ pids } = message);
        if (stopped) kill();
        // Not before: the program that is wanted now comes first.
        if (keepsReady && pids.length > 1) keepCellReady();
      } else if (message.type === "output") {
        const { stream, bytes } = message;
        handed[stream] = handed[stream]
          .then(() => on.output(stream, bytes))
          .then(() => worker.postMessage({ stream, bytes: bytes.byteLength } satisfies OutputTaken))
          .catch((error: Error) => {
            broken ??= error;
            kill();
          });
      } else {
        over = true;
        last = message;
      }
    });
    worker.once("error", (error: Error) => {
      broken ??= error;
      kill();
    });
    worker.once("exit", () => {
      over = true;
      void Promise.all([handed.stdout, handed.stderr]).then(() => {
        if (stopped && last?.type !== "ended") return reject(new CellRefusal({ code: "interrupted", message: "the step was stopped before it began" }));
        if (broken !== undefined || last === undefined) return reject(new CellRefusal(refusalOf(broken ?? new Error("the thread ended"))));
        if (last.type === "refused") return reject(new CellRefusal(last.refusal));
        try {
          removeStubs(`${order.work}/${order.copied === true ? "root" : "upper"}`, last.stubs);
          resolve(last.report);
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  });
  worker.postMessage(order);
  return {
    ended,
    stop: () => {
      stopped = true;
      kill();
    },
  };
}

function refusalOf(error: Error): Refusal {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return { code: "disk-full", message: "there is no room left on the disk for the files of RUN steps" };
  return { code: "sandbox-unavailable", message: `the program's surroundings could not be made: ${error.message}` };
}
