import { isLoopback } from "../../core/loopback.ts";
import { parsePlatform } from "../../core/platform.ts";
import { ProblemError } from "../../core/problem.ts";
import type { BuilderFact, HostFacts, Known } from "../facts.ts";
import type { HostFiles } from "../ports.ts";
import { fitnessOf, type Wanted } from "./buildx-candidate.ts";
import { builderConfig } from "./buildx-config.ts";
import { checkImage, checkName, creation, freeName, start, takenNames } from "./buildx-create.ts";
import { creationNotes, useNotes } from "./buildx-notes.ts";
import { type BuilderRegistries, builderRegistries } from "./buildx-registries.ts";
import { contextName, selection } from "./buildx-selection.ts";
import type { HostFixPlan } from "./change.ts";
import { planEmulators, type RegistrableEmulator } from "./emulator-plan.ts";

/** What the remedy `buildx` is asked. */
export interface BuildxAsk {
  /** Which are to be built at once; empty: any. */
  readonly platforms: readonly string[];
  /** The builder that is to be used or made; undefined: any that can, or a new one by the name "multihull". */
  readonly name?: string | undefined;
  /** BuildKit's image for a new builder, where Buildx's own choice cannot be pulled. */
  readonly image?: string | undefined;
  /** Registries (`HOST[:PORT]`) that may be spoken to without TLS. */
  readonly insecureRegistries: readonly string[];
  /** Where a new builder's buildkitd configuration is written: an absolute path. */
  readonly configFolder: string;
  /** Buildx's own folder (`BUILDX_CONFIG`, else `buildx` beside Docker's configuration), for the settings that all its builders get. */
  readonly buildxFolder?: string | undefined;
  /** Static QEMUs of this machine. */
  readonly emulators: readonly RegistrableEmulator[];
  /** Whether this process may register emulators with the kernel. */
  readonly mayRegister: boolean;
  /** Whether this shell has a proxy. */
  readonly proxied?: boolean | undefined;
}

/**
 * The remedy `buildx`: builds go to a builder that builds for several platforms. One that is there is taken before a new one is made. Looks at files, changes nothing.
 * @throws {ProblemError} `buildx-unavailable` | `docker-unavailable` | `builder-unusable` | `usage` | `platform-malformed` | `platform-unknown` | `reference-malformed`
 */
export function planBuildxRemedy(facts: HostFacts, ask: BuildxAsk, files: Pick<HostFiles, "read">): HostFixPlan {
  for (const platform of ask.platforms) parsePlatform(platform);
  if (ask.name !== undefined) checkName(ask.name);
  if (ask.image !== undefined) checkImage(ask.image);
  const registries = builderRegistries(facts, ask.insecureRegistries);
  known(facts.cli, "buildx-unavailable");
  const version = known(facts.buildx, "buildx-unavailable").version;
  // Where the daemon is silent, so are its builders: the cause is told, not what follows from it.
  if (!facts.builders.known) known(facts.daemon, "docker-unavailable");
  const builders = known(facts.builders, "builder-unusable");
  // Only what was asked for: a builder that somebody made need not reach each registry that Docker knows.
  const wanted: Wanted = { platforms: ask.platforms, onLoopback: ask.insecureRegistries.filter(isLoopback) };

  const current = builders.find(({ name }) => name === selectedName(facts));
  const why = current === undefined ? [] : unfitNotes(current, facts, wanted);
  const there = chooseBuilder(facts, ask, builders, current, wanted);
  if (there !== undefined) return planWith(facts, ask, there, why);
  return planNew(facts, ask, version, registries, why, files);
}

/** What is known of a thing, or the problem that it is not. @throws {ProblemError} */
function known<T>(fact: Known<T>, code: "buildx-unavailable" | "docker-unavailable" | "builder-unusable"): T {
  if (fact.known) return fact.value;
  throw new ProblemError(code, { message: fact.why, hint: fact.help, facts: { state: fact.state, source: fact.source } });
}

const selectedName = (facts: HostFacts): string | undefined => (facts.selected.known ? facts.selected.value.builder : undefined);

interface Found {
  readonly builder: BuilderFact;
  readonly stopped: boolean;
}

/** The selected one where it can, else one that runs, else one that only has to be started. */
function chooseBuilder(
  facts: HostFacts,
  ask: BuildxAsk,
  builders: readonly BuilderFact[],
  current: BuilderFact | undefined,
  wanted: Wanted,
): Found | undefined {
  const { name } = ask;
  if (name !== undefined) return namedBuilder(facts, name, builders, wanted);
  // A context's own builder can only be chosen while that context is.
  const usable = builders.filter((one) => one.driver !== "docker" || one.name === contextName(facts));
  const ordered = [...new Set([...(current === undefined ? [] : [current]), ...usable])];
  for (const kind of ["fits", "stopped"] as const) {
    const builder = ordered.find((one) => fitnessOf(one, facts, wanted).kind === kind);
    if (builder !== undefined) return { builder, stopped: kind === "stopped" };
  }
  return undefined;
}

function namedBuilder(facts: HostFacts, name: string, builders: readonly BuilderFact[], wanted: Wanted): Found | undefined {
  const builder = builders.find((one) => one.name === name) ?? builders.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (builder === undefined) {
    if (!takenNames(facts).has(name.toLowerCase())) return undefined;
    throw new ProblemError("builder-unusable", {
      message: `"${name}" is the name of a Docker context, and Buildx takes that for its builder`,
      hint: "give another name with --builder",
    });
  }
  const fitness = fitnessOf(builder, facts, wanted);
  if (fitness.kind !== "unfit") return { builder, stopped: fitness.kind === "stopped" };
  throw new ProblemError("builder-unusable", {
    message: `the builder "${name}" cannot be used: ${fitness.why}`,
    hint: `leave out --builder so that a new one is made, or remove this one: docker buildx rm ${name}`,
    facts: { builder: name },
  });
}

function unfitNotes(current: BuilderFact, facts: HostFacts, wanted: Wanted): readonly string[] {
  const fitness = fitnessOf(current, facts, wanted);
  return fitness.kind === "unfit" ? [`the builder in use, "${current.name}", cannot do it: ${fitness.why}`] : [];
}

function planWith(facts: HostFacts, ask: BuildxAsk, { builder, stopped }: Found, why: readonly string[]): HostFixPlan {
  const { name, driver, nodes } = builder;
  const emulators = planEmulators(facts, {
    ...ask,
    driver,
    image: nodes[0]?.driverOptions.get("image"),
    built: nodes.flatMap(({ platforms, declared }) => [...platforms, ...declared]),
  });
  const select = selection(facts, name);
  const changes = [...emulators.changes, ...(stopped ? [start(name)] : []), ...select.changes];
  const used = changes.length === 0 ? [`nothing to do: the builder in use, "${name}" (driver ${driver}), builds for several platforms at once`] : [];
  const notes = [
    ...(select.changes.length > 0 ? why : []),
    ...used,
    ...select.notes,
    ...(driver === "docker" ? [] : useNotes(name, facts)),
    ...emulators.notes,
    ...plainNotes(ask, builder),
  ];
  return { with: "buildx", changes, notes };
}

/** How a builder that is there speaks with registries is not asked; with those on loopback each does. */
function plainNotes({ insecureRegistries }: BuildxAsk, { name, driver }: BuilderFact): readonly string[] {
  const hosts = insecureRegistries.filter((host) => !isLoopback(host));
  if (hosts.length === 0 || driver === "docker") return [];
  return [`whether "${name}" takes "${hosts.join('", "')}" without TLS is not known; a new builder that does is made with --builder and a name that is free`];
}

function planNew(
  facts: HostFacts,
  ask: BuildxAsk,
  version: string,
  registries: BuilderRegistries,
  why: readonly string[],
  files: Pick<HostFiles, "read">,
): HostFixPlan {
  const daemon = known(facts.daemon, "docker-unavailable");
  if (daemon.os !== "linux") {
    throw new ProblemError("builder-unusable", {
      message: `Docker runs ${daemon.os} containers, and BuildKit needs Linux`,
      hint: "switch Docker to Linux containers",
    });
  }
  const name = ask.name ?? freeName(facts);
  const config = builderConfig(name, registries, { ...ask, version }, files);
  const image = ask.image;
  const made = creation({ name, image, hostNetwork: registries.onLoopback.length > 0, config: config.change?.path }, version);
  const emulators = planEmulators(facts, { ...ask, driver: "docker-container" });
  const select = selection(facts, name);
  return {
    with: "buildx",
    changes: [...(config.change === undefined ? [] : [config.change]), ...emulators.changes, ...made, ...select.changes],
    notes: [
      ...why,
      ...creationNotes(facts, { image, registries, proxied: ask.proxied === true }),
      ...useNotes(name, facts),
      ...select.notes,
      ...registries.notes,
      ...config.notes,
      ...emulators.notes,
    ],
  };
}
