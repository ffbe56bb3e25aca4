import { countText } from "../../core/quantity.ts";
import type { BuilderFact, BuilderNodeFact, DaemonFact, EmulatorFact, EndpointFact, HostFacts, KernelFact, Known, RegistryFact } from "../../host/facts.ts";
import { clean } from "../clean.ts";
import type { Colors } from "../progress/tty.ts";

/** One line of what this machine has: a word, or none where the line goes on with what is above, and what is known under it. */
export type FactRow = readonly [label: string, text: string];

/** What Docker, the kernel and registries told, a row each; what is missing says why. Sources stand in the document, not here. */
export function factRows(facts: HostFacts, colors: Colors): readonly FactRow[] {
  const { cli, buildx, endpoint, daemon, kernel, emulators, registries } = facts;
  const told = <T>(known: Known<T>, text: (value: T) => string): string =>
    known.known ? clean(text(known.value)) : `${colors.yellow(STATES[known.state])}: ${clean(known.why)}`;
  const version = (of: { readonly version: string }): string => of.version;
  const hasCommand = cli.known || cli.state !== "absent";
  return [
    ["kernel", told(kernel, kernelText)],
    ["emulators", told(emulators, emulatorsText)],
    ["docker", told(cli, version)],
    // Without the command nothing further could be asked, and each of them would say so again.
    ...(hasCommand
      ? [["buildx", told(buildx, version)] as const, ["endpoint", told(endpoint, endpointText)] as const, ["daemon", told(daemon, daemonText)] as const]
      : []),
    ...(hasCommand ? under("builders", facts.builders.known ? builderLines(facts, colors) : [told(facts.builders, () => "")]) : []),
    ...under(
      "registries",
      registries.map(({ registry, reachable }) => `${clean(registry)}: ${told(reachable, registryText)}`),
    ),
  ];
}

const under = (label: string, lines: readonly string[]): readonly FactRow[] => lines.map((line, i): FactRow => [i === 0 ? label : "", line]);

/** Acts that help with what is missing, each once. */
export function factHelps({ cli, buildx, endpoint, daemon, registries }: HostFacts): readonly string[] {
  const missing = [cli, buildx, endpoint, daemon, ...registries.map(({ reachable }) => reachable)];
  return [...new Set(missing.flatMap((fact) => (fact.known ? [] : [fact.help])))];
}

const STATES = { absent: "none", refused: "not allowed", silent: "no answer", broken: "unusable", unasked: "not asked" } as const;

function kernelText({ release, architecture, userNamespaces }: KernelFact): string {
  const namespaces = userNamespaces === undefined ? "" : userNamespaces ? ", user namespaces" : ", no user namespaces";
  return `${release} on ${architecture}${namespaces}`;
}

const emulatorsText = (emulators: readonly EmulatorFact[]): string =>
  emulators
    .filter(({ enabled }) => enabled)
    .map(({ architecture, flags }) => (flags.includes("F") ? architecture : `${architecture} (not in containers)`))
    .join(", ") || "none registered";

function endpointText({ address, context, chosenBy }: EndpointFact): string {
  if (context === undefined) return `${address} (DOCKER_HOST)`;
  return `${address} (context "${context}"${chosenBy === "DOCKER_CONTEXT" ? ", by DOCKER_CONTEXT" : ""})`;
}

function daemonText({ version, os, architecture, store, storageDriver, rootless, product, images, containersRunning }: DaemonFact): string {
  const what = `${product ?? "Docker Engine"} ${version} on ${os}/${architecture}${rootless ? ", rootless" : ""}`;
  return `${what}, ${store} image store (${storageDriver}), ${countText(images, "image")}, ${countText(containersRunning, "running container")}`;
}

function builderLines({ builders, selected }: HostFacts, colors: Colors): readonly string[] {
  const chosen = selected.known ? selected.value.builder : undefined;
  return builders.known ? builders.value.flatMap((builder) => linesOf(builder, builder.name === chosen, colors)) : [];
}

/** A line for a builder, and where it has several nodes, one for each of them. */
function linesOf({ name, driver, nodes, problem }: BuilderFact, isChosen: boolean, colors: Colors): readonly string[] {
  const head = `${clean(name)}${isChosen ? colors.green(" (chosen)") : ""}: ${driver}`;
  const [first, ...others] = nodes;
  if (first === undefined) return [`${head}, ${clean(problem ?? "no nodes")}`];
  if (others.length === 0) return [`${head}, ${clean(nodeText(first))}`];
  return [`${head}, ${nodes.length} nodes`, ...nodes.map((node) => `  ${clean(`${node.name} at ${node.endpoint}: ${nodeText(node)}`)}`)];
}

function nodeText({ status, buildkit, platforms, problem }: BuilderNodeFact): string {
  const version = buildkit === undefined ? "" : `, BuildKit ${buildkit}`;
  const shown = platforms.filter((platform) => !VARIANT.test(platform));
  const list = shown.length === 0 ? "" : `, ${shown.join(" ")}`;
  return `${status}${version}${list}${problem === undefined || status === "running" ? "" : `: ${problem}`}`;
}

/** Of processors that can do a little more; whoever builds for them knows. */
const VARIANT = /^linux\/amd64\/v\d$/;

const registryText = ({ scheme, wantsLogin }: RegistryAnswer): string => `answers by ${scheme}${wantsLogin ? ", wants a log-in" : ""}`;
type RegistryAnswer = Extract<RegistryFact["reachable"], { readonly known: true }>["value"];
