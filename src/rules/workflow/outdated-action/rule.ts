import { ACTIONS_SOURCE, actionFacts, newestMajor, runtimeFacts, runtimeOf } from "../../../facts/actions.ts";
import { renamedInput } from "../../../facts/inputs.ts";
import type { Remedy } from "../../../findings/finding.ts";
import type { StepPlace } from "../../../simulate/trace.ts";
import { bumpAction, inputsLost } from "../../remedies/actions.ts";
import { renameInput } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { type ActionUse, actionUse } from "../action-use.ts";

export const rule = defineRule({
  meta: {
    id: "outdated-action",
    summary: "a step uses a release of an action whose Node runtime the runner does not have any more",
    severity: "info",
    confidence: "certain",
    fix: "sometimes",
    covers: ["action-runtime-removed"],
  },
  step(step, { asOf }, report) {
    const use = actionUse(step);
    const old = use === undefined ? undefined : oldRuntime(use, asOf);
    if (use === undefined || old === undefined) return;
    const { runtime, instead, since } = old;
    report({
      message: `${use.written}@v${use.version?.major} is made for ${nodeName(runtime)}, which runners replace by ${nodeName(instead)}${since === undefined ? "" : ` since ${since}`}`,
      place: use.place,
      key: use.name,
      facts: [{ sentence: `${ACTIONS_SOURCE.runtimes} says so, by the table of ${ACTIONS_SOURCE.date}`, place: undefined }],
      log:
        runtime === "node20"
          ? {
              tool: "the runner",
              lines: ["Node.js 20 is deprecated. The following actions target Node.js 20 but are being forced to run on Node.js 24:"],
            }
          : undefined,
      cause: "the runner runs old actions with a newer Node than they were tested with; most go on, and nobody mends those that do not",
      remedies: [bump(use, step.place, asOf)],
    });
  },
});

interface OldRuntime {
  readonly runtime: string;
  readonly instead: string;
  readonly since: string | undefined;
}

function oldRuntime({ name, ref, version }: ActionUse, asOf: string): OldRuntime | undefined {
  // What is closed fails anyway, and has a rule of its own.
  const closed = actionFacts(name.split("/").slice(0, 2).join("/"))?.majors.find(({ major }) => major === version?.major)?.closed;
  if (version === undefined || closed !== undefined) return undefined;
  const runtime = runtimeOf(name, version.from === "ref" ? ref : `v${version.major}`);
  const facts = runtime === undefined ? undefined : runtimeFacts(runtime);
  if (runtime === undefined || facts?.runsOn === undefined || (facts.from !== undefined && facts.from > asOf)) return undefined;
  return { runtime, instead: current(facts.runsOn, asOf), since: facts.from };
}

/** What takes the place of a runtime may itself be replaced by now. */
function current(runtime: string, asOf: string): string {
  const { runsOn, from } = runtimeFacts(runtime);
  return runsOn === undefined || (from !== undefined && from > asOf) ? runtime : current(runsOn, asOf);
}

const nodeName = (runtime: string): string => runtime.replace(/^node/, "Node ");

function bump({ name, version }: ActionUse, place: StepPlace, asOf: string): Remedy {
  const repository = name.split("/").slice(0, 2).join("/");
  const newest = newestMajor(repository, asOf);
  if (newest === undefined || newest <= (version?.major ?? newest))
    return advice("look for another action: no release of this one is known that is made for a newer Node", "none");
  const lost = inputsLost(place, asOf);
  const renames = lost.map((input) => {
    const to = renamedInput(name, input.toLowerCase());
    return to === undefined ? undefined : renameInput(place, input, to);
  });
  const title =
    lost.length === 0 || renames.every((edit) => edit !== undefined)
      ? `take v${newest}`
      : `take v${newest}, which has no input ${lost.map((input) => `"${input}"`).join(", ")} any more`;
  // Who asks for a mend of something else does not ask for other programs.
  return remedy({ title, price: "other changes of the majors between come with it", safety: "unsafe" }, [bumpAction(place, asOf), ...renames]);
}
