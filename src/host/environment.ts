import type { Fact } from "../findings/finding.ts";
import type { Builder, Daemon, DockerContext, Emulators, Environment, Runner, Selection } from "../simulate/environment.ts";
import { knownText, type Text } from "../simulate/text.ts";
import type { BuilderFact, HostFacts, Known } from "./facts.ts";

/** Stands for the user's environment, where a text has to have a place: what a variable says is written in no file. */
export const VARIABLES = { file: { name: "environment", text: "" }, span: { start: 0, end: 0 } } as const;

/** This machine as a build meets it. What is not known of it is unknown there, too; what a fact hangs on is told in its sentence. */
export function environmentOf(facts: HostFacts): Environment {
  return {
    runner: runnerOf(facts),
    buildxVersion: facts.buildx.known ? facts.buildx.value.version : undefined,
    contexts: contextsOf(facts),
    context: endpointName(facts),
    builders: new Map(madeBuilders(facts).map((builder) => [builder.name, toBuilder(builder, facts)])),
    selected: selectionOf(facts),
    buildIsBuildx: false,
    emulators: emulatorsOf(facts),
    logins: [],
    variables: variablesOf(facts),
    images: [],
    files: [],
    services: [],
    doubts: doubtsOf(facts),
  };
}

/** A sentence with what told it. */
export const said = (source: string, sentence: string): Fact => ({ sentence: `${source} says: ${sentence}`, place: undefined });

/** Builders that someone made: all but the `docker` driver's, of which each context has one by its own name. */
export function madeBuilders({ builders, contexts }: HostFacts): readonly BuilderFact[] {
  const names = new Set(contexts.known ? contexts.value.map(({ name }) => name) : []);
  return builders.known
    ? builders.value.filter(({ name, driver }) => driver !== "docker" && !(driver === "unknown" && (name === "default" || names.has(name))))
    : [];
}

function runnerOf({ kernel, daemon }: HostFacts): Runner {
  const architecture = daemon.known ? daemon.value.architecture : kernel.known ? kernel.value.architecture : undefined;
  const { source } = daemon.known ? daemon : kernel;
  const fact =
    architecture === undefined
      ? { sentence: "nobody knows what machine this is", place: undefined }
      : said(source, `the ${daemon.known ? "daemon's " : ""}machine is ${architecture}`);
  return { labels: [], os: osOf(daemon), architecture, kind: "inspected", image: undefined, fact, container: undefined };
}

/** Images are built on Linux but by a daemon that says otherwise. */
const osOf = (daemon: HostFacts["daemon"]): Runner["os"] => (daemon.known && daemon.value.os === "windows" ? "windows" : "linux");

/** The endpoint's context as Buildx calls it: `default` under DOCKER_HOST. */
const endpointName = ({ endpoint }: HostFacts): string | undefined => (endpoint.known ? (endpoint.value.context ?? "default") : undefined);

function contextsOf(facts: HostFacts): ReadonlyMap<string, DockerContext> {
  const { contexts, endpoint, builders } = facts;
  const found = new Map<string, DockerContext>();
  const current = endpointName(facts);
  if (endpoint.known && current !== undefined) {
    const { address, chosenBy } = endpoint.value;
    const how = `Docker context "${current}" is in use, and its endpoint is ${address}`;
    const fact = chosenBy === "DOCKER_HOST" ? { sentence: `DOCKER_HOST names ${address}`, place: undefined } : said(endpoint.source, how);
    found.set(current, { name: current, endpoint: address, daemon: daemonOf(facts), fact });
  }
  for (const { name, endpoint: address } of contexts.known ? contexts.value : []) {
    if (found.has(name)) continue;
    const own = builders.known ? builders.value.find((builder) => builder.name === name)?.nodes[0] : undefined;
    const fact = said(contexts.source, `Docker context "${name}" has the endpoint ${address}`);
    found.set(name, { name, endpoint: address, daemon: otherDaemon(own?.containerdStore, fact), fact });
  }
  return found;
}

function daemonOf({ daemon }: HostFacts): Daemon | undefined {
  if (daemon.known) {
    const { version, store, storageDriver, rootless, mirrors } = daemon.value;
    return { version, store, storeFact: said(daemon.source, `the daemon has the ${store} image store (${storageDriver})`), rootless, mirrors };
  }
  return daemon.state === "absent" ? undefined : otherDaemon(undefined, { sentence: `nobody knows the daemon's image store: ${daemon.why}`, place: undefined });
}

const otherDaemon = (containerdStore: boolean | undefined, storeFact: Fact): Daemon => ({
  version: undefined,
  store: containerdStore === undefined ? "unknown" : containerdStore ? "containerd" : "classic",
  storeFact,
  rootless: false,
  mirrors: [],
});

function toBuilder({ name, driver, nodes }: BuilderFact, { builders }: HostFacts): Builder {
  const [first] = nodes;
  const count = nodes.length === 1 ? "" : ` and ${nodes.length} nodes`;
  return {
    name,
    driver,
    endpoint: first?.endpoint ?? "",
    context: undefined,
    // A node that declares nothing is taken for what it says that it builds.
    nodes: nodes.map(({ endpoint, declared, platforms }) => ({ endpoint, platforms: textsOf(declared.length > 0 ? declared : platforms) })),
    driverOptions: first?.driverOptions ?? new Map(),
    openOptions: false,
    config: undefined,
    keepState: false,
    fact: said(builders.source, `builder "${name}" has the ${driver} driver${count}`),
    certain: true,
  };
}

const textsOf = (items: readonly string[]) => ({ items: items.map((item) => knownText(item, VARIABLES)), open: false, place: undefined });

function selectionOf(facts: HostFacts): Selection | undefined {
  const { selected, endpoint } = facts;
  if (!selected.known || selected.value.chosenBy !== "selection" || !endpoint.known) return undefined;
  const { builder } = selected.value;
  const made = madeBuilders(facts).some(({ name }) => name === builder);
  return { endpoint: endpointKey(facts) ?? "", builder: made ? builder : undefined, fact: said(selected.source, `builder "${builder}" is the chosen one`) };
}

/** How Buildx keys what it remembers of the current endpoint: a context's name, or an address; undefined when unknown. */
export function endpointKey({ endpoint }: HostFacts): string | undefined {
  if (!endpoint.known) return undefined;
  const { context, address } = endpoint.value;
  return context ?? (address === DEFAULT_ADDRESS ? "default" : address);
}

/** Buildx does not tell it from the default context. */
const DEFAULT_ADDRESS = "unix:///var/run/docker.sock";

function variablesOf({ endpoint, selected }: HostFacts): ReadonlyMap<string, Text> {
  const variables = new Map<string, Text>();
  if (endpoint.known && endpoint.value.context === undefined) variables.set("DOCKER_HOST", knownText(endpoint.value.address, VARIABLES));
  if (selected.known && selected.value.chosenBy === "BUILDX_BUILDER") variables.set("BUILDX_BUILDER", knownText(selected.value.builder, VARIABLES));
  return variables;
}

function emulatorsOf({ emulators, daemon }: HostFacts): Emulators {
  const elsewhere = daemon.known && daemon.value.product !== undefined;
  if (!emulators.known || elsewhere) return { architectures: new Set(), open: true, fact: undefined };
  // Without F the kernel looks for the emulator within the container, where it is not.
  const usable = emulators.value.filter(({ enabled, flags }) => enabled && flags.includes("F")).map(({ architecture }) => architecture);
  return { architectures: new Set(usable), open: false, fact: said(emulators.source, `emulators are registered for ${usable.join(", ") || "nothing"}`) };
}

/** While one of them is unknown, nothing about the builder is certain. */
function doubtsOf({ endpoint, builders, selected }: HostFacts): readonly Fact[] {
  const unknown = (known: Known<unknown>, what: string): readonly Fact[] =>
    known.known ? [] : [{ sentence: `nobody knows ${what}: ${known.why}`, place: undefined }];
  return [
    ...unknown(endpoint, "which daemon Docker talks to"),
    ...unknown(builders, "which builders there are"),
    ...unknown(selected, "which builder is chosen"),
  ];
}
