import { type Assumptions, assume } from "../workflow/expression/assumptions.ts";
import { childOf } from "../workflow/tree.ts";
import { positionsOf } from "./call-composite.ts";
import type { Scope } from "./evaluate-text.ts";
import { textOfScalar } from "./evaluate-text.ts";
import { type JobStart, startOf } from "./job-start.ts";
import { type Frame, type Progress, StepWalk } from "./step-walk.ts";
import type { Text } from "./text.ts";
import type { Assumed, Trace } from "./trace.ts";
import type { JobSetting } from "./walk-setting.ts";

/** What a walk takes for granted. */
export interface Supposition {
  readonly assumptions: Assumptions;
  /** The same, in the order in which it came up, without what the scenario itself brings. */
  readonly assumed: readonly Assumed[];
}

/** Both ways of an atom. */
export const bothWays = (supposition: Supposition, atom: string): readonly [Supposition, Supposition] => [
  supposed(supposition, atom, true),
  supposed(supposition, atom, false),
];

export const supposed = ({ assumptions, assumed }: Supposition, atom: string, value: boolean): Supposition => ({
  assumptions: assume(assumptions, atom, value),
  assumed: [...assumed, { atom, value }],
});

/** One way through a job, and what it hands on. */
export interface Way {
  readonly trace: Trace;
  readonly assumed: readonly Assumed[];
  /** The job's outputs by lower-case name. */
  readonly outputs: ReadonlyMap<string, Text>;
}

/** A way that is still to be walked, from a moment at which it is the same as another. */
interface Branch {
  readonly supposition: Supposition;
  /** What the job finds; undefined: to be seen anew. */
  readonly begun: Begun | undefined;
  /** Before each step that needs no second look: how it stood, and what hung on what. */
  readonly past: readonly Moment[];
}

interface Begun {
  readonly start: JobStart;
  readonly atoms: ReadonlySet<string>;
}

interface Moment {
  readonly progress: Progress;
  readonly atoms: ReadonlySet<string>;
}

/**
 * Every way through a job's steps. A walk that comes to something that has to be known is given up, and goes on both ways from
 * where the atom was first seen, so that it means the same from there on.
 * @param most  ways at most; what is unknown then stays so
 */
export function waysThrough(setting: JobSetting, supposition: Supposition, most: number): { readonly ways: readonly Way[]; readonly cut: boolean } {
  const ways: Way[] = [];
  const branches: Branch[] = [{ supposition, begun: undefined, past: [] }];
  let cut = false;
  for (let branch = branches.shift(); branch !== undefined; branch = branches.shift()) {
    const walked = walk(setting, branch, ways.length + branches.length + 2 <= most);
    if ("way" in walked) ways.push(walked.way);
    else branches.push(...walked.branches);
    cut ||= "way" in walked && walked.cut;
  }
  return { ways, cut };
}

type Walked = { readonly way: Way; readonly cut: boolean } | { readonly branches: readonly Branch[] };

function walk(setting: JobSetting, { supposition, begun, past }: Branch, maySplit: boolean): Walked {
  const { assumptions, assumed } = supposition;
  const { job, workflow, scenario, row, calledFrom } = setting;
  let atoms = new Set<string>();
  const saw = (more: readonly string[]): void => {
    for (const atom of more) atoms.add(atom);
  };
  const around: Scope = { file: workflow.file, contexts: setting.contexts, assumptions, saw };
  const { start, atoms: seenAtStart } = begun ?? { start: startOf(setting, around), atoms };
  if (start.atom !== undefined && maySplit) return { branches: split(supposition, start.atom, undefined, []) };
  const moments = [...past];
  const from = moments.pop()?.progress ?? {
    environment: start.environment,
    openVariables: start.openVariables,
    steps: [],
    stepCount: 0,
    events: [],
    eventCount: 0,
    results: new Map(),
  };
  const steps = new StepWalk(setting, from, { assumptions, maySplit, saw });
  const frame: Frame = {
    file: workflow.file,
    route: setting.stepsRoute,
    steps: job.steps,
    positions: positionsOf(setting.stepsRoute[0] === "runs" ? childOf(childOf(workflow.node, "runs"), "steps") : childOf(job.node, "steps")),
    calledFrom: [],
    contexts: start.contexts,
    outer: new Map(),
    defaults: [job.defaults, workflow.defaults],
    results: steps.results,
    runs: "yes",
    stack: [],
    idPrefix: "",
  };
  for (let i = moments.length; i < job.steps.length; i++) {
    atoms = new Set();
    moments.push({ progress: steps.progress(), atoms });
    const atom = steps.step(frame, i);
    if (atom !== undefined) {
      const first = touches(seenAtStart, atom) ? -1 : moments.findIndex((moment) => touches(moment.atoms, atom));
      if (first === -1) return { branches: split(supposition, atom, undefined, []) };
      return { branches: split(supposition, atom, { start, atoms: seenAtStart }, moments.slice(0, first + 1)) };
    }
  }
  const end = steps.progress();
  const outputs = new Map(
    job.outputs.flatMap(({ name, value }): [string, Text][] =>
      value === undefined ? [] : [[name.text.toLowerCase(), textOfScalar(value, steps.scopeOf(frame))]],
    ),
  );
  const trace: Trace = {
    workflow,
    job,
    calledFrom,
    scenario,
    row,
    assumed,
    start: start.environment,
    asOf: setting.study.asOf,
    steps: end.steps,
    events: end.events,
  };
  return { way: { trace, assumed, outputs }, cut: steps.cut };
}

const split = (supposition: Supposition, atom: string, begun: Begun | undefined, past: readonly Moment[]): readonly Branch[] =>
  bothWays(supposition, atom).map((each) => ({ supposition: each, begun, past }));

/** To assume `a == 'x'` tells `a`, and with it `a == 'y'`. */
function touches(seen: ReadonlySet<string>, atom: string): boolean {
  if (seen.has(atom)) return true;
  const path = atom.split(" == ")[0] as string;
  for (const other of seen) if (other.includes(path)) return true;
  return false;
}
