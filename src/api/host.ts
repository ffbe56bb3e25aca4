import { findEmulators } from "../adapters/node/sandbox/emulators/find.ts";
import { obtainEmulators } from "../adapters/node/sandbox/emulators/obtain.ts";
import { sandboxHost } from "../adapters/node/sandbox/sandbox-host.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { formatPlatform, type Platform, parsePlatform } from "../core/platform.ts";
import type { PlatformAbility, SandboxAbility } from "../engine/sandbox.ts";
import { emulatorFolder } from "./emulator-folder.ts";
import { parsePlatforms } from "./flags.ts";
import { type SessionOptions, withSession } from "./session.ts";

/** What `hostReport` is asked. */
export interface HostRequest extends SessionOptions {
  /** Lists of platforms, each separated by commas. Default: those that images are published for. */
  readonly platforms?: readonly string[] | undefined;
  /** As for a build: brings them into the store. */
  readonly emulators?: readonly string[] | undefined;
  /** Told what is being fetched. */
  readonly note?: ((message: string) => void) | undefined;
}

/** What this machine can do for RUN steps. */
export interface HostReport {
  /** This machine's platform. */
  readonly machine: string;
  /** How programs are set apart: `root`, `subordinate-ids`, `single-id`, `chroot`, or `none` when nothing works. */
  readonly world: SandboxAbility["world"];
  readonly why: string;
  /** What the world costs; for `none` the ways out. */
  readonly notes: readonly string[];
  /** How files of a stage are put together: `overlay`, or `copy`, which takes longer. */
  readonly snapshots: SandboxAbility["snapshots"];
  readonly platforms: readonly HostPlatform[];
  /** A platform that was asked for, or else this machine's own, cannot run. */
  readonly failed: boolean;
}

/** One platform's programs on this machine. */
export interface HostPlatform {
  readonly platform: string;
  readonly how: PlatformAbility["how"];
  /** Whose registration finds the emulator: ours, or the machine's. */
  readonly registration?: "own" | "host";
  readonly emulator?: string;
  readonly why: string;
}

const PLATFORMS = ["linux/amd64", "linux/386", "linux/arm64", "linux/arm/v7", "linux/riscv64", "linux/ppc64le", "linux/s390x"];

/**
 * What this machine can do for RUN steps, per platform, found by trying, now. Changes nothing on the machine; the store is made when it is not there.
 * @throws {ProblemError} `platform-malformed` | `platform-unknown` | `usage` | `store-unusable` | what bringing an emulator throws
 */
export async function hostReport(request: HostRequest = {}, world: World = nodeWorld()): Promise<HostReport> {
  const asked = parsePlatforms(request.platforms ?? [], world.buildPlatform);
  const platforms = asked.length > 0 ? asked : PLATFORMS.map((text) => parsePlatform(text));
  const ability = world.runsLinux ? await tried(platforms, request, world) : notLinux(platforms);
  const machine = formatPlatform(world.buildPlatform);
  const needed = asked.length > 0 ? asked.map(formatPlatform) : [machine];
  const verdicts = ability.platforms.map(({ platform, ...rest }): HostPlatform => ({ platform: formatPlatform(platform), ...rest }));
  const impossible = verdicts.filter(({ how }) => how === "impossible").map(({ platform }) => platform);
  const failed = ability.world === "none" || needed.some((platform) => impossible.includes(platform));
  return { machine, world: ability.world, why: ability.why, notes: ability.notes, snapshots: ability.snapshots, platforms: verdicts, failed };
}

async function tried(platforms: readonly Platform[], request: HostRequest, world: World): Promise<SandboxAbility> {
  return await withSession(world, request, async ({ store, client }) => {
    const folder = emulatorFolder(store);
    const given = await obtainEmulators(request.emulators ?? [], {
      folder,
      cwd: world.cwd,
      env: world.env,
      machine: world.buildPlatform,
      client,
      nowMs: () => world.clock.nowMs(),
      ...(request.note === undefined ? {} : { note: request.note }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    const emulators = findEmulators({ folder, machine: world.buildPlatform.architecture, env: world.env, given });
    const host = sandboxHost({ folder: store.sandboxFolder, machine: world.buildPlatform, emulators: async () => emulators });
    try {
      return await host.ability(platforms, false);
    } finally {
      await host.close();
    }
  });
}

function notLinux(platforms: readonly Platform[]): SandboxAbility {
  const why = "RUN steps take Linux";
  return {
    world: "none",
    why,
    notes: ["build in a virtual machine or container with Linux", "build with BuildKit: docker buildx build"],
    snapshots: "copy",
    platforms: platforms.map((platform) => ({ platform, how: "impossible", why })),
  };
}
