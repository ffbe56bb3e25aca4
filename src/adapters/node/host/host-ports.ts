import { arch, machine, platform, release } from "node:os";
import { platformOf } from "../../../core/platform.ts";
import type { HostPorts } from "../../../host/read-facts.ts";
import { nodeTransport } from "../transport/http-transport.ts";
import type { World } from "../world.ts";
import { hostFiles } from "./files.ts";
import { registryPing } from "./ping.ts";
import { hostPrograms } from "./programs.ts";

/** This machine, as facts are read of it. */
export function hostPorts(world: Pick<World, "env" | "home">): HostPorts {
  return {
    programs: hostPrograms(world.env),
    files: hostFiles(),
    ping: registryPing(nodeTransport({ env: world.env })),
    env: world.env,
    home: world.home,
    machine: {
      platform: platform(),
      release: release(),
      // Node may be an emulated one, the kernel never is.
      architecture: platformOf({ os: "linux", architecture: machine() || arch() }).architecture,
      userId: process.getuid?.(),
    },
  };
}
