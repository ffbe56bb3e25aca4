import { once } from "node:events";
import { parentPort } from "node:worker_threads";
import { libc } from "../libc.ts";
import type { CellMessage, CellOrder, OutputTaken } from "./order.ts";
import { CellRefusal } from "./refusal.ts";
import { enterRoot } from "./root.ts";
import { runProgram } from "./run-program.ts";

// A cell's thread: see order.ts.

const port = parentPort;
if (port === null) throw new Error("this file is the code of a thread");
const tell = (message: CellMessage): void => port.postMessage(message);
const pids: number[] = [];
const started = (pid: number): void => {
  pids.unshift(pid);
  tell({ type: "started", pids: [...pids] });
};
// Before there is anything to do: it takes a while. What is wrong with it is told when it is used.
try {
  libc();
} catch {}
const [order] = (await once(port, "message")) as [CellOrder];

try {
  const root = await enterRoot(order, started);
  try {
    const report = await runProgram(order, root, {
      started,
      // Copied, not given away: memory that was given does not count with who has it, and is not collected in time.
      output: (stream, bytes) => tell({ type: "output", stream, bytes }),
      taken: (listen) => port.on("message", (taken: OutputTaken) => listen(taken)),
    });
    tell({ type: "ended", report, stubs: root.stubs });
  } finally {
    await root.first.end();
  }
} catch (error) {
  if (!(error instanceof CellRefusal)) throw error;
  tell({ type: "refused", refusal: error.refusal });
}
port.close();
