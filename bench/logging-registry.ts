import { spawn } from "node:child_process";
import { once } from "node:events";
import { OURS, peerEnvironment } from "../test/compare/places.ts";

/** Our own registry, whose requests are counted. */
export interface LoggingRegistry {
  /** Host and port. */
  readonly address: string;
  /** A line for each request since it was last forgotten. */
  readonly log: () => string;
  readonly forget: () => void;
  readonly stop: () => Promise<void>;
}

export async function startLoggingRegistry(store: string): Promise<LoggingRegistry> {
  const child = spawn(OURS, ["registry", "serve", "--listen", "127.0.0.1:0", "--store", store], {
    env: peerEnvironment(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  const address = await new Promise<string>((found, fail) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const match = /^registry at http:\/\/(\S+)$/m.exec(said);
      if (match !== null) found(match[1] as string);
    });
    child.once("error", fail).once("exit", () => fail(new Error(`the registry ended: ${said}`)));
  });
  return {
    address,
    log: () => said,
    forget: () => {
      said = "";
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}
