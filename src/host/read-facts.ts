import type { Driver } from "../simulate/environment.ts";
import type { Asking } from "./ask-docker.ts";
import { buildxFolder, selectedBuilder } from "./buildx-folder.ts";
import { PODMAN, readBuildx, readCli } from "./docker-cli.ts";
import { readContexts } from "./docker-contexts.ts";
import { type ChosenContext, chosenContext, endpointFact } from "./docker-endpoint.ts";
import { INFO_SOURCE, readDaemon, type ToldDaemon } from "./docker-info.ts";
import { placeOfDaemon } from "./docker-process.ts";
import { readEmulators } from "./emulators.ts";
import type { BuilderFact, ContextFact, DaemonFact, EndpointFact, HostFacts, Known, SelectedFact } from "./facts.ts";
import { type HostMachine, readKernel } from "./kernel.ts";
import { known, unasked } from "./known.ts";
import type { HostFiles, HostPrograms, RegistryPing } from "./ports.ts";
import { type AskedBuilders, askBuilders } from "./read-builders.ts";
import { readRegistries } from "./registries.ts";
import { secretFree } from "./secret-free.ts";

/** What the facts are read through and from. */
export interface HostPorts {
  readonly programs: HostPrograms;
  readonly files: HostFiles;
  /** Asks whether a registry answers. */
  readonly ping: RegistryPing;
  /** Of the user: `DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_CONFIG`, `BUILDX_CONFIG`, `BUILDX_BUILDER`, `XDG_CONFIG_HOME`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly machine: HostMachine;
}

export interface ReadOptions {
  /** For each question; there are at most two rounds of them. Default {@link QUESTION_MS}. */
  readonly timeoutMs?: number;
  /** Registries to be asked whether they answer: `docker.io`, `127.0.0.1:5000`. */
  readonly registries?: readonly string[];
  readonly signal?: AbortSignal;
}

/** Two rounds of it stay below ten seconds. */
export const QUESTION_MS = 4000;

/**
 * Looks at this machine; changes nothing, but that Buildx makes its folder where there is none. Never throws for what it finds: a missing part is a fact.
 * @throws the signal's reason
 */
export async function readHostFacts(ports: HostPorts, options: ReadOptions = {}): Promise<HostFacts> {
  const { files, env, home, machine } = ports;
  const asking: Asking = { programs: ports.programs, timeoutMs: options.timeoutMs ?? QUESTION_MS, signal: options.signal };
  // First round: all that needs no other answer, builders among it, which their files name.
  const asked = askBuilders(asking, files, env, home);
  const chosen = chosenContext(env, home, files);
  asked.ask(chosen.name);
  const asContexts = readContexts(asking);
  const others = Promise.all([readCli(asking), readBuildx(asking), readDaemon(asking), readRegistries(ports.ping, options.registries ?? [], asking)]);
  // When the signal ends all of them, the first is who says it.
  others.catch(() => {});
  const contexts = await asContexts;
  const endpoint = endpointFact(chosen, env, contexts);
  // Second round: builders of the other contexts.
  const contextNames = contexts.known ? contexts.value.map(({ name }) => name) : [];
  for (const name of contextNames) asked.ask(name);
  const [cli, buildx, told, registries] = await others;
  const builders = await buildersFact({ asked, buildx, chosen, endpoint, told, contextNames });
  // What Podman answers to other questions only confuses.
  const saysAll = !cli.known && (cli.state === "absent" || cli.why === PODMAN);
  const needsCli = <T>(fact: Known<T>): Known<T> => (saysAll && !fact.known ? unasked(cli, fact.source) : fact);
  return {
    cli,
    buildx: needsCli(buildx),
    contexts: needsCli(shown(contexts)),
    endpoint: needsCli(endpoint.known ? known({ ...endpoint.value, address: secretFree(endpoint.value.address) }, endpoint.source) : endpoint),
    daemon: needsCli(daemonFact(told, endpoint, ports)),
    builders: needsCli(builders),
    selected: needsCli(builders.known ? selectedFact({ asked, chosen, endpoint, contextNames, ports }) : builders),
    kernel: readKernel(files, machine),
    emulators: readEmulators(files, machine.platform),
    registries,
  };
}

const shown = (contexts: Known<readonly ContextFact[]>): Known<readonly ContextFact[]> =>
  contexts.known
    ? known(
        contexts.value.map((one) => ({ ...one, endpoint: secretFree(one.endpoint) })),
        contexts.source,
      )
    : contexts;

function daemonFact(told: Known<ToldDaemon>, endpoint: Known<EndpointFact>, { files, env, home, machine }: HostPorts): Known<DaemonFact> {
  if (!told.known) return !endpoint.known && endpoint.state === "absent" ? unasked(endpoint, INFO_SOURCE) : told;
  const address = endpoint.known ? endpoint.value.address : "";
  return known({ ...told.value, ...placeOfDaemon(address, told.value, { files, env, home, machine }) }, told.source);
}

interface Found {
  readonly asked: AskedBuilders;
  readonly chosen: ChosenContext;
  readonly endpoint: Known<EndpointFact>;
  readonly contextNames: readonly string[];
}

async function buildersFact({
  asked,
  buildx,
  chosen,
  endpoint,
  told,
  contextNames,
}: Found & { readonly buildx: HostFacts["buildx"]; readonly told: Known<ToldDaemon> }): Promise<Known<readonly BuilderFact[]>> {
  if (!buildx.known && buildx.state === "absent") return unasked(buildx, "docker buildx inspect");
  // Of the daemon that answered, and of builders in its containers, the machine is known.
  const near = new Set(endpoint.known ? [chosen.name, endpoint.value.address] : []);
  const machineOf = (driver: Driver, at: string): string | undefined =>
    told.known && (driver === "docker" || driver === "docker-container") && near.has(at) ? told.value.architecture : undefined;
  const facts = await asked.facts(contextNames, { machineOf, buildx: buildx.known ? buildx.value.version : undefined });
  return known(facts, "docker buildx inspect");
}

/** @see docker/buildx store/storeutil/storeutil.go, GetCurrentInstance, read 2026-11-22 */
function selectedFact({ asked, chosen, endpoint, contextNames, ports }: Found & { readonly ports: HostPorts }): Known<SelectedFact> {
  const { env, home, files } = ports;
  // Buildx does not tell large letters from small ones.
  const names = new Map(asked.made.map(({ name }) => [name.toLowerCase(), name]));
  const shownAs = (name: string): string => names.get(name.toLowerCase()) ?? name;
  if (env.BUILDX_BUILDER) return known({ builder: shownAs(env.BUILDX_BUILDER), chosenBy: "BUILDX_BUILDER" }, "BUILDX_BUILDER");
  const folder = buildxFolder(env, home);
  if (!endpoint.known) return unasked(endpoint, `${folder}/current`);
  const key = chosen.name === "default" ? endpoint.value.address : chosen.name;
  const selected = selectedBuilder(folder, key, files, (name) => names.has(name.toLowerCase()));
  if (selected !== undefined) return known({ builder: shownAs(selected), chosenBy: "selection" }, folder);
  // A builder that was made comes before a context of its name; either has it.
  return known({ builder: chosen.name, chosenBy: "context" }, contextNames.includes(chosen.name) ? "docker context ls" : "DOCKER_HOST");
}
