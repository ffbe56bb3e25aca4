import { spawn } from "node:child_process";

/** The first process of the program's process namespace: when it ends, the kernel kills the others and waits for them. */
export interface FirstProcess {
  readonly pid: number;
  /** Settles when the thread's /proc is one of the new namespace; or not, where the kernel refuses that: then it is still the old one. */
  readonly proc: Promise<"fresh" | "outer">;
  /** Ends it. Settles when nothing is left in its namespace. */
  end(): Promise<void>;
}

/**
 * A program of the machine's, not of the stage's: it has to be loaded and running before its root becomes the stage's, which it tells by giving back what it is
 * given. It ignores SIGCHLD where the machine's env can do that, so that the kernel buries those whose parents have died. It ends when its input does, which also
 * happens when the thread dies.
 */
const SCRIPT = [
  "if mount -t proc -o nosuid,nodev,noexec proc /proc 2>/dev/null; then echo fresh; echo 1000 >/proc/self/oom_score_adj; else echo outer; fi",
  "if env --ignore-signal=CHLD true 2>/dev/null; then exec env --ignore-signal=CHLD cat; fi",
  "exec cat",
].join("\n");
const RUNNING = "running\n";
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function startFirstProcess(): FirstProcess {
  const child = spawn("/bin/sh", ["-c", SCRIPT], { cwd: "/", env: { PATH }, stdio: ["pipe", "pipe", "ignore"], detached: true });
  const gone = new Promise<void>((done) => child.once("exit", () => done()).once("error", () => done()));
  const proc = new Promise<"fresh" | "outer">((done, fail) => {
    child.once("error", fail);
    child.once("exit", () => fail(new Error("the first process of the sandbox ended at once")));
    let said = "";
    child.stdout.on("data", (bytes: Buffer) => {
      said += bytes.toString("latin1");
      if (said.endsWith(RUNNING)) done(said.startsWith("fresh") ? "fresh" : "outer");
    });
  });
  proc.catch(() => {});
  child.stdin.on("error", () => {}).write(RUNNING);
  if (child.pid === undefined) throw new Error("the machine's /bin/sh cannot be started");
  return {
    pid: child.pid,
    proc,
    end: () => {
      child.stdin.end();
      return gone;
    },
  };
}
