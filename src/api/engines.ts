import { hostPorts } from "../adapters/node/host/host-ports.ts";
import type { World } from "../adapters/node/world.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import { requireBuildx } from "../engine/buildkit/versions.ts";
import { chooseEngine } from "../engine/choice/choose.ts";
import { buildNeeds } from "../engine/choice/needs.ts";
import type { BuildNeeds, EngineOption } from "../engine/choice/option.ts";
import type { SandboxHost } from "../engine/sandbox.ts";
import { type BuildFacts, readBuildFacts } from "../host/read-build-facts.ts";
import type { BuildPlan } from "../plan/graph.ts";
import { type BuildkitOption, buildkitOption } from "./buildkit-option.ts";
import type { EmbeddedBuild } from "./embedded-build.ts";
import type { BuildRequest } from "./request.ts";

/** How long a build waits for Docker to say whether it could do it. */
const DOCKER_ANSWERS_MS = 3000;

/** Both engines as they stand to one plan. */
export interface Engines {
  readonly embedded: EngineOption;
  readonly buildkit: BuildkitOption;
  /** What the second stands on. */
  readonly facts: BuildFacts;
}

/** The engine that builds a plan, and what was learned on the way and need not be asked again. */
export interface PlanChoice {
  readonly chosen: EngineOption;
  readonly why: string;
  /** What keeps the embedded engine from building; empty: it can. */
  readonly problems: readonly Error[];
  /** What is known of the builder, where BuildKit is chosen. */
  readonly facts?: BuildFacts;
}

/**
 * `--engine auto`: the engine that builds a plan. Docker is asked only where a program runs or the embedded engine cannot build.
 * @throws {ProblemError} what the embedded engine says, or `engine-unsuitable`, when none can
 */
export async function choiceFor(plan: BuildPlan, ours: Pick<EmbeddedBuild, "check" | "sandbox">, request: BuildRequest, world: World): Promise<PlanChoice> {
  const needs = buildNeeds(plan);
  const alone = { engine: "embedded", against: [], ways: [] } as const;
  const problems = await ours.check();
  if (needs.programs.length === 0 && problems.length === 0) return { chosen: alone, why: "no step runs a program", problems };
  const { embedded, buildkit, facts } = await enginesFor(needs, problems, ours.sandbox, request, world);
  const choice = chooseEngine(needs, embedded, buildkit);
  if (choice.chosen !== undefined) return { ...choice, problems, ...(choice.chosen === buildkit ? { facts } : {}) };
  // Where there is no BuildKit at all, what keeps the embedded engine from it is what helps.
  if (buildkit.problem?.code === "buildx-unavailable" || buildkit.problem?.code === "docker-unavailable") return { chosen: alone, why: choice.why, problems };
  const [first] = problems;
  throw new ProblemError("engine-unsuitable", {
    message: `no engine here can build this: ${choice.why}`,
    hint: (isProblem(first) ? first.hint : undefined) ?? buildkit.problem?.hint,
  });
}

/** What speaks for and against each engine. @param problems  the embedded engine's own */
export async function enginesFor(
  needs: BuildNeeds,
  problems: readonly Error[],
  sandbox: SandboxHost | undefined,
  request: Pick<BuildRequest, "builder" | "signal">,
  world: World,
): Promise<Engines> {
  const facts = readBuildFacts(hostPorts(world), {
    timeoutMs: DOCKER_ANSWERS_MS,
    quick: true,
    ...(request.builder === undefined ? {} : { builder: request.builder }),
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  });
  const [embedded, known] = await Promise.all([embeddedOption(needs, problems, sandbox), facts]);
  return { embedded, buildkit: newEnough(buildkitOption(known, needs), known.buildx.known ? known.buildx.value.version : undefined), facts: known };
}

/** A Buildx whose progress nobody can read, or that does not have the driver, is no engine to choose. */
function newEnough(option: BuildkitOption, buildx: string | undefined): BuildkitOption {
  const { builder, problem } = option;
  if (problem !== undefined || builder === undefined) return option;
  try {
    requireBuildx({ shown: builder.name, driver: builder.driver, buildx, env: {} }, []);
    return option;
  } catch (error) {
    if (!isProblem(error)) throw error;
    return { ...option, against: [error.message], ways: [], problem: error };
  }
}

async function embeddedOption({ programs }: BuildNeeds, problems: readonly Error[], sandbox: SandboxHost | undefined): Promise<EngineOption> {
  const against = [...new Set(problems.map(({ message }) => message))];
  if (against.length > 0 || sandbox === undefined || programs.length === 0) return { engine: "embedded", against, ways: [] };
  const { platforms } = await sandbox.ability(programs);
  return { engine: "embedded", against, ways: platforms.map(({ platform, how, why }) => ({ platform, way: how, why })) };
}
