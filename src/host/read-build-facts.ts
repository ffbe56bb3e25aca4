import { digestOf, hexOf } from "../core/digest.ts";
import type { Asking } from "./ask-docker.ts";
import { askBuilder, type BuilderAnswer, contextBuilder, madeBuilder } from "./buildx-builders.ts";
import { type BrokenBuilder, buildxFolder, type DeclaredBuilder, declaredBuilders, selectedBuilder } from "./buildx-folder.ts";
import { classicStore } from "./classic-store.ts";
import { readBuildx } from "./docker-cli.ts";
import { type ChosenContext, chosenContext, dockerFolder, endpointFact } from "./docker-endpoint.ts";
import { daemonFailure } from "./docker-failure.ts";
import type { BuilderFact, BuildxFact, Known, Unknown } from "./facts.ts";
import { fields, fieldsIn, text } from "./json.ts";
import { known, unasked, unknown } from "./known.ts";
import { lossOf } from "./lost-builder.ts";
import type { HostPorts } from "./read-facts.ts";

/** What a build through Buildx hangs on: one builder, and nothing else. */
export interface BuildFacts {
  readonly buildx: Known<BuildxFact>;
  /** The builder that was named, else the one that Buildx takes. */
  readonly builder: Known<BuilderFact>;
  /** Why none of the builder's nodes can be reached, and what helps; absent: one can, or the builder is not known. */
  readonly lost?: Unknown;
}

export interface BuildFactsOptions {
  /** `--builder`; absent: the one that Buildx takes by itself. */
  readonly builder?: string;
  /** For each of the two questions, which are asked at once. */
  readonly timeoutMs: number;
  /** Less is asked where less tells that the builder cannot be used: nothing where a socket is missing, the daemon alone for the classic store. */
  readonly quick?: boolean;
  readonly signal?: AbortSignal;
}

type Ports = Pick<HostPorts, "programs" | "files" | "env" | "home" | "machine">;

/** Asks this machine's Docker for what a build needs to know; never throws for what it finds. Where a socket is missing the builder is not asked. @throws the signal's reason */
export async function readBuildFacts(ports: Ports, options: BuildFactsOptions): Promise<BuildFacts> {
  const asking: Asking = { programs: ports.programs, timeoutMs: options.timeoutMs, signal: options.signal };
  const chosen = whichBuilder(ports, options.builder);
  const { name, declared } = chosen;
  const source = `docker buildx inspect ${name}`;
  const missing = missingSocket(ports, chosen);
  const gone: BuilderAnswer = { silence: `Cannot connect to the Docker daemon at ${missing}. Is the docker daemon running?`, unreachable: true };
  if (options.quick === true && missing !== undefined && hasDocker(ports)) {
    const fact = factOf(chosen, gone, undefined);
    const lost = daemonFailure(gone.silence, source);
    return { buildx: unasked(lost, "docker buildx version"), builder: known(fact, source), lost };
  }
  if (options.quick === true && missing === undefined && isOwn(chosen) && isThere(ports, chosen.context)) {
    const answer = await classicStore(asking, name);
    if (answer !== undefined && "lost" in answer)
      return { buildx: unasked(answer.lost, "docker buildx version"), builder: known(factOf(chosen, SILENT, undefined), source), lost: answer.lost };
    if (answer !== undefined) return { buildx: answer.buildx, builder: known(answer.builder, answer.buildx.source) };
  }
  const [buildx, answer] = await Promise.all([readBuildx(asking), missing === undefined ? askBuilder(asking, name) : gone]);
  if (!buildx.known) return { buildx, builder: unasked(buildx, source) };
  if (declared !== undefined && !("nodes" in declared)) return { buildx, builder: brokenFile(chosen, declared, source) };
  const nobody = "silence" in answer ? noSuchBuilder(chosen, answer.silence, ports, source) : undefined;
  if (nobody !== undefined) return { buildx, builder: nobody };
  const fact = factOf(chosen, answer, buildx.value.version);
  const lost = lossOf(fact, answer, source);
  return { buildx, builder: known(fact, source), ...(lost === undefined ? {} : { lost }) };
}

/** The same for a build whose every platform has a node of its own: no builder is asked, and none can hold it up. @throws the signal's reason */
export async function readBuildxAlone(ports: Ports, { timeoutMs, signal }: Pick<BuildFactsOptions, "timeoutMs" | "signal">): Promise<BuildFacts> {
  const buildx = await readBuildx({ programs: ports.programs, timeoutMs, signal });
  return { buildx, builder: unknown("unasked", "every platform has a node of its own", "name a builder with --builder", "docker buildx version") };
}

function factOf({ name, declared }: Chosen, answer: BuilderAnswer, buildx: string | undefined): BuilderFact {
  const around = { machineOf: () => undefined, buildx };
  return declared !== undefined && "nodes" in declared ? madeBuilder(declared, answer, around) : contextBuilder(name, answer, around);
}

/** Whether it is that of the context, which nobody made. */
const isOwn = ({ name, declared, context }: Chosen): boolean => declared === undefined && name === context.name;

const isThere = (ports: Ports, { name }: ChosenContext): boolean => name === "default" || contextAddress(ports, name) !== undefined;

const SILENT: BuilderAnswer = { silence: "the daemon does not answer", unreachable: true };

/** Whether there is a program of the name on PATH, without starting it. */
const hasDocker = ({ env, files }: Ports): boolean => (env.PATH ?? "").split(":").some((folder) => files.list(folder).includes("docker"));

/** The builder that a build would take, as far as files and variables tell. */
interface Chosen {
  readonly name: string;
  readonly by: "--builder" | "BUILDX_BUILDER" | "selection" | "context";
  readonly declared: DeclaredBuilder | BrokenBuilder | undefined;
  readonly made: readonly (DeclaredBuilder | BrokenBuilder)[];
  readonly context: ChosenContext;
}

function whichBuilder({ env, home, files }: Ports, named: string | undefined): Chosen {
  const context = chosenContext(env, home, files);
  const folder = buildxFolder(env, home);
  const made = declaredBuilders(folder, files);
  const key = context.name === "default" ? (env.DOCKER_HOST ?? DEFAULT_SOCKET) : context.name;
  const chosen = (name: string, by: Chosen["by"]): Chosen => ({ name, by, declared: made.find((one) => one.name === name), made, context });
  if (named !== undefined) return chosen(named, "--builder");
  if (env.BUILDX_BUILDER) return chosen(env.BUILDX_BUILDER, "BUILDX_BUILDER");
  const selected = selectedBuilder(folder, key, files, (one) => made.some((other) => other.name === one));
  return selected === undefined ? chosen(context.name, "context") : chosen(selected, "selection");
}

/** Buildx cannot remove it either: it reads the file first. */
function brokenFile({ name, by }: Chosen, { file, why }: BrokenBuilder, source: string): Unknown {
  const other = by === "BUILDX_BUILDER" ? "unset BUILDX_BUILDER" : "name another with --builder";
  return unknown(
    "broken",
    `the builder "${name}" cannot be used: "${file}" is not what Buildx writes: ${why}`,
    `remove that file and make the builder anew, or ${other}`,
    source,
  );
}

/** @param said  by Buildx */
function noSuchBuilder({ name, by, declared, made, context }: Chosen, said: string, ports: Ports, source: string): Unknown | undefined {
  const contextIsThere = isThere(ports, context);
  const absent = /context not found|Current context .* is not found/.test(said) || (!contextIsThere && declared === undefined && name === context.name);
  if (absent) {
    const fact = endpointFact(context, ports.env, known([], source));
    return fact.known ? daemonFailure(said, source) : fact;
  }
  if (declared !== undefined || !/no builder .* found/.test(said)) return undefined;
  const others = [...made.map((one) => one.name), ...(contextIsThere ? [context.name] : [])].join(", ");
  const whose = by === "BUILDX_BUILDER" ? ", which BUILDX_BUILDER names" : "";
  const act = by === "BUILDX_BUILDER" ? "unset BUILDX_BUILDER, " : "";
  return unknown(
    "absent",
    `there is no builder "${name}"${whose}`,
    `${act}name one that is there${others === "" ? "" : ` (${others})`}, or make it: docker buildx create --name ${name}`,
    source,
  );
}

/** The address of a Unix socket that the builder is reached by and that is not there: nobody needs to be asked. */
function missingSocket(ports: Ports, chosen: Chosen): string | undefined {
  const { declared, context, name } = chosen;
  const endpoints = isOwn(chosen)
    ? [name]
    : declared !== undefined && "nodes" in declared && declared.driver === "docker-container"
      ? declared.nodes.map((node) => node.endpoint)
      : [];
  const addresses = endpoints.map((endpoint) => (endpoint === context.name ? addressOf(ports, context) : endpoint));
  const isMissing = (address: string | undefined): address is string =>
    address?.startsWith("unix:///") === true && ports.files.read(address.slice("unix://".length), true).kind === "absent";
  return addresses.length > 0 && addresses.every(isMissing) ? addresses[0] : undefined;
}

const addressOf = (ports: Ports, { name }: ChosenContext): string | undefined =>
  name === "default" ? ports.env.DOCKER_HOST || (ports.machine.platform === "linux" ? DEFAULT_SOCKET : undefined) : contextAddress(ports, name);

/** What a context of the Docker CLI says; undefined when there is none of that name. @see docker/cli cli/context/store/metadatastore.go, read 2026-11-22 */
function contextAddress({ env, home, files }: Ports, name: string): string | undefined {
  const file = files.read(`${dockerFolder(env, home)}/contexts/meta/${hexOf(digestOf(name))}/meta.json`, true);
  if (file.kind !== "text") return undefined;
  return text(fields(fields(fieldsIn(file.text)?.Endpoints).docker).Host) ?? "";
}

const DEFAULT_SOCKET = "unix:///var/run/docker.sock";
