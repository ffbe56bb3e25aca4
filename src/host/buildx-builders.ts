import { atLeast } from "../facts/version.ts";
import type { Driver } from "../simulate/environment.ts";
import { type Asking, askDocker, isUnknown } from "./ask-docker.ts";
import type { BrokenBuilder, DeclaredBuilder, DeclaredNode } from "./buildx-folder.ts";
import { type Inspected, type InspectedNode, parseInspect } from "./buildx-inspect.ts";
import { daemonFailure } from "./docker-failure.ts";
import type { BuilderFact, BuilderNodeFact, Unknown } from "./facts.ts";
import { nativePlatforms } from "./native-platforms.ts";
import { secretFree } from "./secret-free.ts";

/** What a builder said when it was asked, or why it said nothing. */
export type BuilderAnswer =
  | { readonly inspected: Inspected }
  /** `because`: the program was not there, could not be started, or did not end. */
  | { readonly silence: string; readonly unreachable: boolean; readonly because?: Unknown };

/** Asks one builder. Buildx's folder is locked only for a moment, so that a dead one holds up no other. */
export async function askBuilder(asking: Asking, name: string): Promise<BuilderAnswer> {
  // It would be read as a flag, and `--bootstrap` starts things.
  if (name.startsWith("-")) return { silence: `"${name}" is not a builder's name`, unreachable: false };
  const answer = await askDocker(asking, ["buildx", "inspect", name]);
  if (isUnknown(answer)) return { silence: answer.why, unreachable: answer.state === "silent", because: answer };
  const inspected = parseInspect(answer.stdout);
  if (inspected !== undefined) return { inspected };
  const said = secretFree(answer.stderr || answer.stdout);
  return { silence: said === "" ? "Buildx said nothing about it" : said, unreachable: false };
}

/** What other questions told. */
export interface Around {
  /** Architecture of the machine that a node of this driver and endpoint runs on; undefined where nothing told it. */
  readonly machineOf: (driver: Driver, endpoint: string) => string | undefined;
  /** Version of Buildx. */
  readonly buildx: string | undefined;
}

/** A builder that was made, by its file and its answer. */
export function madeBuilder(declared: DeclaredBuilder, answer: BuilderAnswer, around: Around): BuilderFact {
  const driver = driverOf(declared.driver);
  const { name } = declared;
  if (!("inspected" in answer)) return { name, driver, nodes: declared.nodes.map((node) => lostNode(node, answer)), problem: answer.silence };
  const { error, nodes } = answer.inspected;
  if (error !== undefined) {
    const { why } = daemonFailure(error, "docker buildx inspect");
    return { name, driver, nodes: declared.nodes.map((node) => lostNode(node, { silence: why, unreachable: true })), problem: why };
  }
  // Kubernetes has a node for each pod, which no file names.
  const facts = nodes.map((node) => nodeFact(driver, node, declared.nodes.find((one) => one.name === node.name) ?? declared.nodes[0], around));
  return { name, driver, nodes: facts, problem: undefined };
}

/** The `docker` driver's builder of a context. */
export function contextBuilder(name: string, answer: BuilderAnswer, around: Around): BuilderFact {
  const itself: DeclaredNode = { name, endpoint: name, platforms: [], driverOptions: new Map() };
  return madeBuilder({ name, driver: "docker", nodes: [itself] }, answer, around);
}

/** One whose file makes no sense. */
export const brokenBuilder = ({ name, file, why }: BrokenBuilder): BuilderFact => ({
  name,
  driver: "unknown",
  nodes: [],
  problem: `"${file}" is not what Buildx writes: ${why}`,
});

const DRIVERS: ReadonlySet<string> = new Set<Driver>(["docker", "docker-container", "kubernetes", "remote", "cloud"]);
const driverOf = (word: string): Driver => (DRIVERS.has(word) ? (word as Driver) : "unknown");

function lostNode(node: DeclaredNode, { silence, unreachable }: { readonly silence: string; readonly unreachable: boolean }): BuilderNodeFact {
  return {
    name: node.name,
    endpoint: secretFree(node.endpoint),
    status: unreachable ? "unreachable" : "unknown",
    buildkit: undefined,
    platforms: [],
    declared: node.platforms,
    native: node.platforms,
    driverOptions: node.driverOptions,
    containerdStore: undefined,
    problem: silence,
  };
}

/** By which Buildx tells whether the `docker` driver can build for several platforms. @see docker/buildx driver/docker/driver.go, Features, read 2026-11-22 */
const SNAPSHOTTER_LABEL = "org.mobyproject.buildkit.worker.snapshotter";

function nodeFact(driver: Driver, node: InspectedNode, declared: DeclaredNode | undefined, around: Around): BuilderNodeFact {
  const status = statusOf(driver, node);
  const runs = status === "running";
  const wanted = node.declared.length > 0 ? node.declared : (declared?.platforms ?? []);
  const told = node.platforms.filter((one) => !wanted.includes(one));
  return {
    name: node.name,
    endpoint: secretFree(node.endpoint),
    status,
    buildkit: node.version,
    platforms: runs ? [...wanted, ...told] : [],
    declared: wanted,
    native: nativePlatforms({ told: runs ? told : [], declared: wanted, architecture: around.machineOf(driver, node.endpoint) }),
    driverOptions: declared?.driverOptions ?? new Map(),
    containerdStore: driver === "docker" && runs ? hasSnapshotter(node, around.buildx) : undefined,
    problem: problemOf(driver, node, status),
  };
}

function statusOf(driver: Driver, { status, error }: InspectedNode): BuilderNodeFact["status"] {
  if (error !== undefined) return "unreachable";
  // Buildx cannot start a remote node: one that is not running is one that does not answer.
  if (driver === "remote" && status === "inactive") return "unreachable";
  if (status === "running" || status === "stopped" || status === "inactive") return status;
  return "unknown";
}

function problemOf(driver: Driver, { error, endpoint }: InspectedNode, status: BuilderNodeFact["status"]): string | undefined {
  if (error !== undefined) return secretFree(error);
  return driver === "remote" && status === "unreachable" ? `nothing answers at ${secretFree(endpoint)}` : undefined;
}

/** A worker of the classic store has no labels at all, which looks like a Buildx that shows none. */
function hasSnapshotter({ labels }: InspectedNode, buildx: string | undefined): boolean | undefined {
  if (labels !== undefined) return labels.has(SNAPSHOTTER_LABEL);
  return buildx !== undefined && atLeast(buildx, LABELS_SINCE) === true ? false : undefined;
}

/** Since then `inspect` shows a worker's labels. @see docker/buildx commit 89d99b169, read 2026-11-22 */
const LABELS_SINCE = "0.11.0";
