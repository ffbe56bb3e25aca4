import { ProblemError } from "../../core/problem.ts";
import { parseReference } from "../../core/reference.ts";
import { buildxDoes, buildxSince } from "../../facts/buildx.ts";
import type { HostFacts } from "../facts.ts";
import type { HostChange } from "./change.ts";

type BuilderChange = Extract<HostChange, { kind: "builder" }>;

/** What a builder is made of. */
export interface NewBuilder {
  readonly name: string;
  /** Undefined: Buildx's own choice. */
  readonly image: string | undefined;
  readonly hostNetwork: boolean;
  /** Path of a buildkitd.toml. */
  readonly config: string | undefined;
}

/** As Buildx accepts them (store/util.go); it takes lower case for upper case. */
const NAME = /^[A-Za-z][A-Za-z0-9._-]*$/;
const DEFAULT_NAME = "multihull";
/** Names are tried up to this number. */
const MOST_NAMES = 100;

/**
 * The commands that make a `docker-container` builder and start it, as this version of Buildx takes them.
 * @throws {ProblemError} `buildx-unavailable` when it is too old for what is wanted; the hint names the version that has it
 */
export function creation({ name, image, hostNetwork, config }: NewBuilder, version: string): readonly BuilderChange[] {
  const options = [...(hostNetwork ? ["network=host"] : []), ...(image === undefined ? [] : [`image=${image}`])];
  if ((options.length > 0 || config !== undefined) && !buildxDoes("createWithOptions", version)) {
    throw new ProblemError("buildx-unavailable", {
      message: `Buildx ${version} is too old to give a builder a network, an image or a configuration`,
      hint: `install Buildx ${buildxSince("createWithOptions")} or newer (package docker-buildx-plugin)`,
      facts: { version, wanted: buildxSince("createWithOptions") },
    });
  }
  const boots = buildxDoes("createBootstraps", version);
  const command = [
    ...["docker", "buildx", "create", "--name", name, "--driver", "docker-container"],
    ...options.flatMap((option) => ["--driver-opt", option]),
    ...(config === undefined ? [] : [buildxDoes("createByBuildkitdConfig", version) ? "--buildkitd-config" : "--config", config]),
    ...(boots ? ["--bootstrap"] : []),
  ];
  const made: BuilderChange = {
    kind: "builder",
    name,
    command,
    undo: ["docker", "buildx", "rm", name],
    about: `a builder "${name}" is made, whose BuildKit runs in a container of Docker`,
  };
  return boots ? [made] : [made, start(name)];
}

/** Starts a builder that is there. */
export const start = (name: string): BuilderChange => ({
  kind: "builder",
  name,
  command: ["docker", "buildx", "inspect", name, "--bootstrap"],
  undo: ["docker", "buildx", "stop", name],
  about: `the builder "${name}" is started`,
});

/** @throws {ProblemError} `usage` for what Buildx takes for no name of a builder */
export function checkName(name: string): void {
  if (NAME.test(name) && name !== "default") return;
  throw new ProblemError("usage", {
    message: `"${name}" cannot be the name of a builder`,
    hint: "wanted a letter, then letters, digits, dots, dashes and underscores; default is Docker's own",
  });
}

/** @throws {ProblemError} `reference-malformed` */
export function checkImage(image: string): void {
  parseReference(image);
}

/** A name that neither a builder nor a context has: Buildx takes each for a builder. @throws {ProblemError} `builder-unusable` */
export function freeName(facts: HostFacts): string {
  const taken = takenNames(facts);
  for (let number = 1; number <= MOST_NAMES; number++) {
    const name = number === 1 ? DEFAULT_NAME : `${DEFAULT_NAME}-${number}`;
    if (!taken.has(name)) return name;
  }
  throw new ProblemError("builder-unusable", {
    message: `there are builders "${DEFAULT_NAME}" to "${DEFAULT_NAME}-${MOST_NAMES}" already, and none of them can be used`,
    hint: "remove those that are not needed: docker buildx rm --all-inactive",
  });
}

/** In lower case, as Buildx compares them. */
export function takenNames(facts: HostFacts): ReadonlySet<string> {
  const builders = facts.builders.known ? facts.builders.value : [];
  const contexts = facts.contexts.known ? facts.contexts.value : [];
  return new Set([...builders, ...contexts].map(({ name }) => name.toLowerCase()).concat("default"));
}
