import { type SpawnOptions, spawn } from "node:child_process";
import { registeredFormats } from "../cell/binary-format.ts";
import { findProgram } from "../cell/find-program.ts";
import { inputPipe } from "../cell/input-pipe.ts";
import { limitGate, setLimits } from "../cell/limits.ts";
import { CellRefusal } from "../cell/refusal.ts";
import { becomeUser, closeOnExecute, KEPT_CAPABILITIES } from "../cell/rights.ts";
import { enterWorkdir, environmentOf } from "../cell/run-program.ts";
import { signalNumber } from "../cell/signals.ts";
import { libc } from "../libc.ts";
import type { ChrootAnswer, ChrootOrder } from "./chroot-cell-order.ts";

// A process of its own, because a chroot is the whole process's: goes into the root, gives up its rights, starts the program. See chroot-cell.ts.

/** prctl(2). Source: Linux 6.18 include/uapi/linux/prctl.h, read 2026-11-22. */
const [PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER] = [23, 24, 36];
const MOST_CAPABILITIES = 64;
/**
 * Of Docker's, those that a program may have where chroot alone keeps it in: with sys_chroot it would walk out, with mknod it could make the node of a disk. That the
 * builder has more than it keeps it from looking into the builder, too (ptrace and the like).
 */
const [SYS_CHROOT, MKNOD] = [18, 27];
const CAPABILITIES = KEPT_CAPABILITIES.filter((capability) => ![SYS_CHROOT, MKNOD].includes(capability));

let group: number | undefined;
const tell = (answer: ChrootAnswer): void => void process.send?.(answer);

// The warden is gone: nobody waits for the program any more.
process.once("disconnect", () => {
  try {
    if (group !== undefined) process.kill(-group, "SIGKILL");
  } finally {
    process.exit(1);
  }
});
process.once("message", (order) => {
  try {
    start(order as ChrootOrder);
  } catch (error) {
    const refusal =
      error instanceof CellRefusal ? error.refusal : { code: "sandbox-unavailable", message: `the copied root cannot be entered: ${(error as Error).message}` };
    tell({ refusal });
  }
});

function start(order: ChrootOrder): void {
  const lib = libc();
  const formats = { machine: process.arch, registered: registeredFormats(), platform: order.platform };
  const env = environmentOf(order.environment, order.user.home);
  process.umask(0o022);
  closeOnExecute();
  lib.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  lib.chroot(order.root);
  process.chdir("/");
  boundCapabilities();
  becomeUser(order.user);
  enterWorkdir(order.workdir);
  const name = order.arguments[0] ?? "";
  const file = findProgram(name, env.PATH ?? "", formats);
  const rest = order.arguments.slice(1);
  const gate = order.ulimits.length === 0 ? undefined : limitGate(file, rest);
  const input = inputPipe(order.user);
  const options: SpawnOptions = { env, stdio: [input.reader, "inherit", "inherit"], detached: true };
  const child = gate === undefined ? spawn(file, rest, { ...options, argv0: name }) : spawn(gate.file, gate.arguments, options);
  group = child.pid;
  child.once("error", (error: NodeJS.ErrnoException) =>
    tell({ refusal: { code: "run-failed", message: `program "${name}" cannot be run: the system says ${error.code ?? error.message}` } }),
  );
  if (child.pid !== undefined) setLimits(child.pid, order.ulimits);
  if (gate !== undefined) input.writeLine();
  input.close();
  child.once("exit", (code, signal) => tell({ report: signal === null ? { exitCode: code ?? 0 } : { exitCode: 128 + signalNumber(signal), signal } }));
}

/** What the program can ever have; the container has set a bound of its own, which this never widens. */
function boundCapabilities(): void {
  for (let capability = 0; capability < MOST_CAPABILITIES; capability++) {
    if (CAPABILITIES.includes(capability)) continue;
    try {
      if (libc().prctl(PR_CAPBSET_READ, capability, 0, 0, 0) === 0) continue;
    } catch {
      // The kernel has no more.
      return;
    }
    libc().prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
}
