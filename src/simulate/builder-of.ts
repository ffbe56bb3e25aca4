import { atLeast } from "../facts/version.ts";
import type { Fact } from "../findings/finding.ts";
import { shownName } from "./builder-name.ts";
import { type Endpoint, endpointOf } from "./endpoint.ts";
import type { Builder, Daemon, Driver, Environment, ImageStore } from "./environment.ts";
import { goBoolean } from "./go-boolean.ts";
import { lostBuilders } from "./lost-builders.ts";
import { type BuilderRequest, ignoresSelection, namedBuilder } from "./named-builder.ts";
import { shownText, type Text, textOf } from "./text.ts";

/** Which builder a build uses, and how that is known. */
export interface ResolvedBuilder {
  /** `legacy`: the classic builder of the daemon (`DOCKER_BUILDKIT=0`); `buildah`: podman and buildah build without any. */
  readonly driver: Driver | "legacy" | "buildah";
  /** The builder's or context's name; undefined when unknown, or where there is none. */
  readonly name: string | undefined;
  /** The builder that was made, where it is one of those (not the `docker` driver's own). */
  readonly builder: Builder | undefined;
  /** The context that is current for the build; undefined when unknown, or when `DOCKER_HOST` names an address. */
  readonly context: string | undefined;
  /** The current endpoint: context's name, or `DOCKER_HOST`'s value. What a selection's key is compared with. */
  readonly endpoint: string | undefined;
  /** The builder that is named is not there (the build fails at once), or is the `docker` driver of a context that is not in use. */
  readonly missing: "no-such-builder" | "builder-of-other-context" | undefined;
  /** The daemon of that endpoint (what `--load` loads into); undefined when there is none, or it is unknown. */
  readonly daemon: Daemon | undefined;
  /** True when there is no daemon, for sure. */
  readonly noDaemon: boolean;
  /** Of that daemon. */
  readonly store: ImageStore;
  /** False as soon as anything of the above may be otherwise: a doubt, a builder that may not have been made, an unknown variable. */
  readonly certain: boolean;
  /** The chain: what the runner has, who made, chose or lost the builder. */
  readonly facts: readonly Fact[];
  /** Builders that are there, and are not used. */
  readonly lost: readonly LostBuilder[];
}

export interface LostBuilder {
  readonly builder: Builder;
  /**
   * `context-changed`: chosen for another endpoint. `not-used`: made without `use`. `docker-build`: chosen, but `docker build` does not look.
   * `other-chosen`: another one was chosen later or is named.
   */
  readonly why: "context-changed" | "not-used" | "docker-build" | "other-chosen";
  /** Why, with where it happened. */
  readonly fact: Fact;
}

/** The rules by which Buildx and the Docker CLI find a build's builder. @param request  a `Build` */
export function builderOf(request: BuilderRequest, environment: Environment): ResolvedBuilder {
  const { through } = request;
  if (through === "podman" || through === "buildah") return withoutBuilder("buildah", environment, []);
  const endpoint = endpointOf(environment, request.variables);
  if (through === "docker build") {
    const legacy = legacyFact(request, environment, endpoint);
    if (legacy !== undefined) return withoutBuilder("legacy", environment, [legacy], endpoint);
  }
  const choice = choiceOf(request, environment, endpoint);
  const lost = lostBuilders({ request, endpoint, used: choice.builder }, environment);
  const common = atEndpoint(endpoint);
  if (choice.builder !== undefined) {
    const { builder } = choice;
    const facts = [builder.fact, ...choice.facts, ...environment.doubts];
    return {
      ...common,
      driver: builder.driver,
      name: builder.name,
      builder,
      missing: undefined,
      certain: choice.certain && builder.certain && builder.driver !== "unknown" && environment.doubts.length === 0 && through !== "other",
      facts: distinct(facts),
      lost,
    };
  }
  const fresh = holdsNoOthers(environment);
  const certain = choice.certain && fresh && endpoint.known && environment.doubts.length === 0 && through !== "other";
  if (choice.missing !== undefined || choice.name === undefined) {
    return { ...common, driver: "unknown", name: choice.name, builder: undefined, missing: choice.missing, certain, facts: choice.facts, lost };
  }
  const facts = [
    ...daemonFacts(environment, endpoint),
    ...lost.map(({ fact }) => fact),
    ...choice.facts,
    conclusion(choice.name, lost, environment),
    ...environment.doubts,
  ];
  return { ...common, driver: "docker", name: choice.name, builder: undefined, missing: undefined, certain, facts: distinct(facts), lost };
}

interface Choice {
  /** Of the builder or of the context whose own builder it is; undefined when unknown. */
  readonly name: string | undefined;
  readonly builder: Builder | undefined;
  readonly missing: ResolvedBuilder["missing"];
  readonly certain: boolean;
  readonly facts: readonly Fact[];
}

const choice = (name: string | undefined, more: Partial<Choice> = {}): Choice => ({
  name,
  builder: undefined,
  missing: undefined,
  certain: name !== undefined,
  facts: [],
  ...more,
});

function choiceOf(request: BuilderRequest, environment: Environment, endpoint: Endpoint): Choice {
  const named = namedBuilder(request, environment);
  if (named !== undefined) return choiceByName(named, environment, endpoint);
  if (ignoresSelection(request, environment)) return choice(endpoint.contextName, { certain: endpoint.contextName !== undefined && forwardsBuild(endpoint) });
  const { selected } = environment;
  if (selected !== undefined && (endpoint.key === undefined || selected.endpoint === endpoint.key)) {
    const builder = selected.builder === undefined ? undefined : environment.builders.get(selected.builder);
    if (builder !== undefined) return choice(builder.name, { builder, certain: endpoint.key !== undefined, facts: [selected.fact] });
  }
  return choice(endpoint.contextName);
}

function choiceByName(text: Text, environment: Environment, endpoint: Endpoint): Choice {
  const name = textOf(text);
  const fact = { sentence: `the build names builder ${shownName(shownText(text))}`, place: text.place };
  // A name that is not known may still be written as it was where the builder was made.
  const builder = environment.builders.get(name ?? shownText(text));
  if (builder !== undefined) return choice(builder.name, { builder, facts: [fact] });
  if (name === undefined) return choice(undefined, { facts: [fact] });
  if (name === endpoint.contextName) return choice(name, { facts: [fact] });
  return choice(name, { missing: environment.contexts.has(name) ? "builder-of-other-context" : "no-such-builder", facts: [fact] });
}

/** Why `docker build` means the daemon's classic builder; undefined when it does not. */
function legacyFact(request: BuilderRequest, environment: Environment, endpoint: Endpoint): Fact | undefined {
  const wish = request.variables?.get("DOCKER_BUILDKIT") ?? environment.variables.get("DOCKER_BUILDKIT");
  const on = wish === undefined ? undefined : goBoolean(textOf(wish) ?? "");
  if (wish !== undefined && on === false) return { sentence: "DOCKER_BUILDKIT=0 turns BuildKit off", place: wish.place };
  if (on === true || environment.buildIsBuildx || environment.runner.container !== undefined) return undefined;
  const version = endpoint.daemon?.version;
  if (version !== undefined && atLeast(version, BUILDKIT_BY_DEFAULT) === false)
    return { sentence: `\`docker build\` of Docker ${version} takes the classic builder by default`, place: undefined };
  if (environment.runner.os === "windows") return { sentence: "`docker build` takes the classic builder on Windows", place: undefined };
  return undefined;
}

/** Since then `docker build` is forwarded to Buildx. */
const BUILDKIT_BY_DEFAULT = "23.0.0";
/** Before, it was built by a client of its own, whose words we do not know. The command line is as old as the daemon, as far as we know. */
const forwardsBuild = ({ daemon }: Endpoint): boolean => daemon?.version === undefined || atLeast(daemon.version, BUILDKIT_BY_DEFAULT) !== false;

function withoutBuilder(driver: "legacy" | "buildah", environment: Environment, facts: readonly Fact[], endpoint?: Endpoint): ResolvedBuilder {
  const known = driver === "buildah" || (endpoint?.known === true && holdsNoOthers(environment) && environment.doubts.length === 0);
  return {
    ...(endpoint === undefined ? NO_ENDPOINT : atEndpoint(endpoint)),
    driver,
    name: undefined,
    builder: undefined,
    missing: undefined,
    certain: known,
    facts: distinct([environment.runner.fact, ...facts]),
    lost: [],
  };
}

const NO_ENDPOINT = { context: undefined, endpoint: undefined, daemon: undefined, noDaemon: false, store: "unknown" } as const;

function atEndpoint({ key, context, daemon, known }: Endpoint): Pick<ResolvedBuilder, "context" | "endpoint" | "daemon" | "noDaemon" | "store"> {
  return { context: context?.name, endpoint: key, daemon, noDaemon: known && daemon === undefined, store: daemon?.store ?? "unknown" };
}

const daemonFacts = (environment: Environment, { context, daemon }: Endpoint): readonly Fact[] => [
  context?.fact ?? environment.runner.fact,
  ...(daemon === undefined ? [] : [daemon.storeFact]),
];

/** Someone may have made and chosen a builder before the job came, but not on a machine that is new for each job, nor on one that was looked at. */
const holdsNoOthers = ({ runner }: Environment): boolean => runner.kind === "hosted" || runner.kind === "inspected";

function conclusion(name: string, lost: readonly LostBuilder[], { runner }: Environment): Fact {
  const why = lost.length > 0 ? "so" : runner.kind === "inspected" ? "no other builder is made, so" : "no step before it makes a builder, so";
  return { sentence: `${why} the build uses the docker driver of context "${name}"`, place: undefined };
}

const distinct = (facts: readonly Fact[]): readonly Fact[] =>
  facts.filter((fact, i) => facts.findIndex((other) => other.sentence === fact.sentence && other.place === fact.place) === i);
