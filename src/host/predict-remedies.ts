import type { ResolvedBuilder } from "../simulate/builder-of.ts";
import { type Refusal, refusalsOf } from "../simulate/driver-checks.ts";
import type { Environment } from "../simulate/environment.ts";
import { namedBuilder } from "../simulate/named-builder.ts";
import type { Build } from "../simulate/operation.ts";
import { withContainerBuilder, withContainerdStore } from "../simulate/other-builder.ts";
import { knownItems } from "../simulate/text.ts";
import { madeBuilders, VARIABLES } from "./environment.ts";
import type { HostFacts } from "./facts.ts";
import { isDead } from "./platform-ways.ts";

/** A way out, on this machine. */
export interface HostRemedy {
  /** An act. */
  readonly title: string;
  /** What it costs or changes beside the mend; undefined: nothing. */
  readonly price: string | undefined;
  /** The command line that does it; undefined: only a person can. */
  readonly command: string | undefined;
}

/** A refused build. */
interface Refused {
  readonly facts: HostFacts;
  readonly build: Build;
  readonly resolved: ResolvedBuilder;
  readonly environment: Environment;
  readonly refusal: Refusal;
}

/** Ways out for a build that its builder refuses, the best first; each mends all that would be refused. */
export function remediesOf(refused: Refused): readonly HostRemedy[] {
  const { build, resolved, refusal } = refused;
  if (refusal.feature === "push-without-tag") return [advice("give the image a name: --tag")];
  if (resolved.missing !== undefined) return [...existingBuilder(refused), advice(unnamed(refused) ?? "name another builder"), ourEngine(build)];
  return [...existingBuilder(refused), ...newBuilder(refused), ...containerdStore(refused), ourEngine(build)];
}

const advice = (title: string): HostRemedy => ({ title, price: undefined, command: undefined });

/** How a build that names its builder gets the one that is chosen; undefined where it names none. */
function unnamed({ build, environment }: Refused): string | undefined {
  const named = namedBuilder(build, environment);
  return named === undefined ? undefined : named.place === VARIABLES ? "unset BUILDX_BUILDER" : "do not name a builder";
}

const passes = ({ build, environment }: Refused, resolved: ResolvedBuilder): boolean => refusalsOf(build, resolved, environment).length === 0;

/** One that is there already: nobody needs two. */
function existingBuilder(refused: Refused): readonly HostRemedy[] {
  const { facts, resolved, environment, build } = refused;
  const usable = madeBuilders(facts).find((fact) => {
    const builder = environment.builders.get(fact.name);
    if (builder === undefined || fact.name === resolved.name || fact.driver === "unknown" || fact.nodes.some((node) => isDead(fact, node))) return false;
    return passes(refused, { ...resolved, driver: builder.driver, name: builder.name, builder, missing: undefined, certain: true });
  });
  if (usable === undefined) return [];
  const flags = [`--builder ${usable.name}`, ...platformFlag(build)];
  return [
    {
      title: `name builder "${usable.name}", which is there already, or choose it: docker buildx use ${usable.name}`,
      price: ONLY_LOADED,
      command: ["docker buildx build", ...flags, "."].join(" "),
    },
  ];
}

function platformFlag({ platforms }: Build): readonly string[] {
  const list = knownItems(platforms).join(",");
  return list === "" ? [] : [`--platform ${list}`];
}

const ONLY_LOADED = "images are in Docker's own store only when they are loaded";

function newBuilder(refused: Refused): readonly HostRemedy[] {
  const { facts, resolved, build } = refused;
  if (!facts.daemon.known || !passes(refused, withContainerBuilder(resolved, { sentence: "a builder is made", place: undefined }))) return [];
  const price = `BuildKit's image is pulled, a container of it runs from then on, and ${ONLY_LOADED}`;
  const title = "make a builder that runs BuildKit in a container, and choose it";
  // What names a builder, and `docker build`, take none that is only chosen.
  const also = [build.through === "docker build" ? "write `docker buildx build`" : undefined, unnamed(refused)].filter((act) => act !== undefined);
  return [{ title: [title, ...also].join(", and "), price, command: "multihull fix --host --with buildx --write" }];
}

function containerdStore(refused: Refused): readonly HostRemedy[] {
  const { facts, resolved } = refused;
  if (
    !facts.daemon.known ||
    resolved.store === "containerd" ||
    resolved.driver === "legacy" ||
    !passes(refused, withContainerdStore(resolved, facts.daemon.value.version))
  )
    return [];
  const { product, containersRunning, liveRestore } = facts.daemon.value;
  const title = "turn on Docker's containerd image store";
  const hidden = "images of the classic store are not shown any more, and stay on the disk";
  if (product !== undefined) return [{ title: `${title} in the settings of ${product}`, price: hidden, command: undefined }];
  const stopped =
    containersRunning === 0 || liveRestore
      ? ""
      : `, which stops ${containersRunning === 1 ? "a running container" : `${containersRunning} running containers`}`;
  return [{ title, price: `${hidden}; the daemon starts anew${stopped}`, command: "multihull fix --host --with containerd --write" }];
}

/** Ours takes every platform, and asks for no Docker. */
export const ourEngine = (build: Build): HostRemedy => ({
  title: "build it without Docker",
  price: "it has a cache of its own, and runs RUN steps in its own sandbox",
  command: ["multihull build", ...platformFlag(build), "."].join(" "),
});
