import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { OURS, peerEnvironment } from "../compare/places.ts";

export interface RunningRegistry {
  /** Host and port. */
  readonly address: string;
  readonly process: ChildProcess;
  readonly stop: () => Promise<void>;
}

/** Our own registry as users start it: `multihull registry serve`, on a free port of loopback. */
export async function startEmbeddedRegistry(store: string, extra: readonly string[] = []): Promise<RunningRegistry> {
  const child = spawn(OURS, ["registry", "serve", "--listen", "127.0.0.1:0", "--quiet", ...extra], {
    env: peerEnvironment({ MULTIHULL_STORE: store }),
    stdio: ["ignore", "inherit", "pipe"],
  });
  let said = "";
  const address = await new Promise<string>((found, fail) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const match = /^registry at http:\/\/(\S+)$/m.exec(said);
      if (match !== null) found(match[1]!);
    });
    child.once("error", fail).once("exit", () => fail(new Error(`the registry ended: ${said}`)));
  });
  return {
    address,
    process: child,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
