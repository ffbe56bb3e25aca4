import { chownSync, rmSync } from "node:fs";
import { serveAgent } from "../ssh/serve-agent.ts";
import type { Warden } from "./warden.ts";

/** A socket in the area that leads to the machine's agent. */
export interface AgentSocket {
  /** From the area. */
  readonly socket: string;
  release(): Promise<void>;
}

export async function serveAgentFor(warden: Warden, name: string, upstream: string): Promise<AgentSocket> {
  const path = `${warden.runFolder}/${name}`;
  const { close } = await serveAgent(path, upstream);
  // The namespace's root can give it to the program's user then.
  chownSync(path, warden.uids[0]?.outside ?? 0, warden.gids[0]?.outside ?? 0);
  return {
    socket: `run/${name}`,
    async release() {
      await close();
      rmSync(path, { force: true });
    },
  };
}
