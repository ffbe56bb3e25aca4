import type { Fact, Prediction } from "../findings/finding.ts";
import { builderOf, type ResolvedBuilder } from "../simulate/builder-of.ts";
import { refusalsOf } from "../simulate/driver-checks.ts";
import type { Environment } from "../simulate/environment.ts";
import { namedBuilder } from "../simulate/named-builder.ts";
import type { Build } from "../simulate/operation.ts";
import { LOST_TEXT, MOST_NEXT, namedText, refusalText, thenRefused } from "../simulate/refusal-words.ts";
import { shownText } from "../simulate/text.ts";
import { askedBuild, type BuildAsk } from "./build-ask.ts";
import { environmentOf, VARIABLES } from "./environment.ts";
import type { HostFacts } from "./facts.ts";
import { missingMachine, missingProgram, type Obstacle } from "./obstacles.ts";
import { type HostRemedy, ourEngine, remediesOf } from "./predict-remedies.ts";

/** What a build with Docker would come to on this machine. */
export interface BuildPrediction {
  /** `docker buildx build --platform linux/amd64,linux/arm64 .` */
  readonly command: string;
  /** `refused`: it ends before anything is built. `accepted`: nothing that is known refuses it. `unknown`: what it hangs on is not known. */
  readonly verdict: "accepted" | "refused" | "unknown";
  /** The builder that takes it; undefined when there is none, or nobody knows. */
  readonly builder: { readonly name: string; readonly driver: string } | undefined;
  /** One sentence: what will happen. */
  readonly message: string;
  /** What is printed; undefined where nothing is, or nobody knows what. */
  readonly log: Prediction | undefined;
  /** The chain that leads there. No fact has a place: nothing of it is written in a file. */
  readonly facts: readonly Fact[];
  /** The best first; empty for what is accepted. */
  readonly remedies: readonly HostRemedy[];
}

/** What `docker buildx build` (or `docker build`) would say here, by the same rules as of a workflow's step. Nothing is started. */
export function predictBuild(facts: HostFacts, ask: BuildAsk): BuildPrediction {
  const asked = askedBuild(ask);
  const { command, build } = asked;
  const missing = missingProgram(facts, asked);
  if (missing !== undefined) return stopped(command, undefined, missing, build);
  const environment = environmentOf(facts);
  const resolved = builderOf(build, environment);
  const builder = takenBuilder(resolved);
  const refusals = refusalsOf(build, resolved, environment).filter(({ exitStatus }) => exitStatus !== 0);
  // A builder is looked for by its name before anything is asked of it.
  const machine = resolved.missing === undefined ? missingMachine(facts, build, resolved) : undefined;
  if (machine !== undefined) return stopped(command, builder, machine, build);
  const [first, ...next] = refusals;
  if (first === undefined) return accepted(command, resolved);
  const why = whyNoOther(build, resolved, environment);
  const doubt = environment.doubts[0] ?? (first.certain ? undefined : resolved.daemon?.storeFact);
  const text = refusalText(first, build, { name: resolved.name, why });
  return {
    command,
    verdict: first.certain ? "refused" : "unknown",
    builder,
    message: first.certain ? text : `it may be refused (${text})${doubt === undefined ? "" : `: ${doubt.sentence}`}`,
    log: first.log,
    facts: shown([...resolved.facts, ...first.facts, ...next.slice(0, MOST_NEXT).map(thenRefused)]),
    remedies: remediesOf({ facts, build, resolved, environment, refusal: first }),
  };
}

function accepted(command: string, resolved: ResolvedBuilder): BuildPrediction {
  const { name, driver, certain, facts } = resolved;
  const builder = takenBuilder(resolved);
  const by = builder === undefined ? (driver === "legacy" ? "Docker's classic builder" : "a builder that nobody knows") : `builder "${name}" (${driver})`;
  return {
    command,
    verdict: certain ? "accepted" : "unknown",
    builder,
    message: certain ? `${by} takes it` : `${by} may take it: ${facts.at(-1)?.sentence ?? "not all that it hangs on is known"}`,
    log: undefined,
    facts: shown(facts),
    remedies: [],
  };
}

function stopped(command: string, builder: BuildPrediction["builder"], obstacle: Obstacle, build: Build): BuildPrediction {
  const { message, log, facts, helps, certain } = obstacle;
  const acts = helps.map((title): HostRemedy => ({ title, price: undefined, command: undefined }));
  return { command, verdict: certain ? "refused" : "unknown", builder, message, log, facts: shown(facts), remedies: [...acts, ourEngine(build)] };
}

const takenBuilder = ({ name, driver, missing }: ResolvedBuilder): BuildPrediction["builder"] =>
  name === undefined || missing !== undefined || driver === "unknown" ? undefined : { name, driver };

/** Why the build is left with the docker driver. */
function whyNoOther(build: Build, { lost }: ResolvedBuilder, environment: Environment): string {
  const named = namedBuilder(build, environment);
  if (named !== undefined) return named.place === VARIABLES ? `BUILDX_BUILDER names it: "${shownText(named)}"` : namedText(shownText(named));
  const last = lost.at(-1);
  return last === undefined ? "no other builder is made" : LOST_TEXT[last.why];
}

/** Without places, which are in no file that anybody has; each once. */
function shown(facts: readonly Fact[]): readonly Fact[] {
  const sentences = facts.map(({ sentence, place }) => (place === VARIABLES ? sentence.replace(/^the build names/, "BUILDX_BUILDER names") : sentence));
  return [...new Set(sentences)].map((sentence) => ({ sentence, place: undefined }));
}
