import { hostPorts } from "../adapters/node/host/host-ports.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { formatPlatform, parsePlatform } from "../core/platform.ts";
import type { SandboxAbility } from "../engine/sandbox.ts";
import type { HostFacts } from "../host/facts.ts";
import { type PlatformWays, platformWays } from "../host/platform-ways.ts";
import { type BuildPrediction, predictBuild } from "../host/predict.ts";
import { readHostFacts } from "../host/read-facts.ts";
import { parsePlatforms } from "./flags.ts";
import { sandboxAbility } from "./sandbox-ability.ts";
import type { SessionOptions } from "./session.ts";

export type { BuilderFact, BuilderNodeFact, DaemonFact, HostFacts, Known, Unknown } from "../host/facts.ts";
export type { BuildWay } from "../host/platform-ways.ts";
export type { BuildPrediction } from "../host/predict.ts";
export type { HostRemedy } from "../host/predict-remedies.ts";

/** What `hostReport` is asked. */
export interface HostRequest extends SessionOptions {
  /** Lists of platforms, each separated by commas. Default: those that images are published for. */
  readonly platforms?: readonly string[] | undefined;
  /** As for a build: brings them into the store. */
  readonly emulators?: readonly string[] | undefined;
  /** Registries that are asked whether they answer: `docker.io`, `127.0.0.1:5000`. */
  readonly registries?: readonly string[] | undefined;
  /** Told what is being fetched. */
  readonly note?: ((message: string) => void) | undefined;
}

/** What this machine can build, with what, and why not. */
export interface HostReport {
  /** This machine's platform. */
  readonly machine: string;
  /** How programs of RUN steps are set apart by our own engine: `root`, `subordinate-ids`, `single-id`, `chroot`, or `none` when nothing works. */
  readonly world: SandboxAbility["world"];
  readonly why: string;
  /** What the world costs; for `none` the ways out. */
  readonly notes: readonly string[];
  /** How files of a stage are put together: `overlay`, or `copy`, which takes longer. */
  readonly snapshots: SandboxAbility["snapshots"];
  /** Docker, Buildx, builders, kernel, emulators and registries, each with what told it. */
  readonly facts: HostFacts;
  readonly platforms: readonly HostPlatform[];
  /** What Docker would say to a build for all platforms that were asked for; without any, for linux/amd64 and linux/arm64. */
  readonly prediction: BuildPrediction;
  /** A platform that was asked for, or else this machine's own, can be built with RUN steps by no engine here. */
  readonly failed: boolean;
}

/** One platform on this machine. */
export interface HostPlatform {
  readonly platform: string;
  /** Its programs in our own engine's sandbox. */
  readonly how: SandboxAbility["platforms"][number]["how"];
  /** Whose registration finds the emulator: ours, or the machine's. */
  readonly registration?: "own" | "host";
  readonly emulator?: string;
  readonly why: string;
  /** Every engine here: ours first, then the builder that Docker would take, then the others. */
  readonly ways: PlatformWays["ways"];
}

const PLATFORMS = ["linux/amd64", "linux/386", "linux/arm64", "linux/arm/v7", "linux/riscv64", "linux/ppc64le", "linux/s390x"];
/** What most people build when they build for several. */
const USUAL = ["linux/amd64", "linux/arm64"];

/**
 * What this machine can build, found by asking and trying, now, within ten seconds. Changes nothing on the machine; the store is made when it is not there.
 * @throws {ProblemError} `platform-malformed` | `platform-unknown` | `usage` | `store-unusable` | what bringing an emulator throws
 */
export async function hostReport(request: HostRequest = {}, world: World = nodeWorld()): Promise<HostReport> {
  const asked = parsePlatforms(request.platforms ?? [], world.buildPlatform);
  const machine = formatPlatform(world.buildPlatform);
  const platforms = asked.length > 0 ? asked : [...new Set([...PLATFORMS, machine])].map((text) => parsePlatform(text));
  const [ability, facts] = await Promise.all([sandboxAbility(platforms, request, world), lookAround(request, world)]);
  const { world: sandbox, why, notes, snapshots } = ability;
  const embedded = ability.platforms.map(({ platform, ...rest }) => ({ platform: formatPlatform(platform), ...rest }));
  const ways = new Map(platformWays(facts, embedded).map((one) => [one.platform, one.ways]));
  const needed = asked.length > 0 ? asked.map(formatPlatform) : [machine];
  const prediction = predictBuild(facts, { platforms: asked.length > 0 ? asked.map(formatPlatform) : USUAL });
  const failed = needed.some((platform) => ways.get(platform)?.some(({ run }) => run === "native" || run === "emulated") === false);
  const shown = embedded.map((one): HostPlatform => ({ ...one, ways: ways.get(one.platform) ?? [] }));
  return { machine, world: sandbox, why, notes, snapshots, facts, platforms: shown, prediction, failed };
}

const lookAround = ({ registries, signal }: HostRequest, world: World): Promise<HostFacts> =>
  readHostFacts(hostPorts(world), { ...(registries === undefined ? {} : { registries }), ...(signal === undefined ? {} : { signal }) });
