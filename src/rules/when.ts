import type { When } from "../findings/finding.ts";
import type { JobStudy, Trace, WorkflowStudy } from "../simulate/trace.ts";
import { conditionOf } from "./condition.ts";

/** Where a trace belongs. */
export interface TraceHome {
  readonly workflow: WorkflowStudy;
  readonly job: JobStudy;
  /** Position among all traces of the study. */
  readonly index: number;
}

export const WHATEVER_HAPPENS: When = { always: true, scenarios: [], rows: [], condition: undefined };

/**
 * Under which circumstances something holds.
 * @param told   traces in which it does; not empty
 * @param among  traces in which it could, `told` among them
 * @param file   of the place that is told of: scenarios of another workflow, which calls this one, are said to be so
 */
export function whenOf(told: readonly Trace[], among: readonly Trace[], file: string, homeOf: (trace: Trace) => TraceHome | undefined): When {
  const holds = new Set(told);
  const all = [...new Set([...among, ...told])].sort((a, b) => (homeOf(a)?.index ?? 0) - (homeOf(b)?.index ?? 0));
  const groups = groupsOf(all, (trace) => scenarioKey(trace, homeOf)).filter((group) => group.some((trace) => holds.has(trace)));
  const conditions = groups.map((group) => conditionWithin(group, holds));
  const [first] = conditions;
  const same = conditions.every((condition) => condition === first);
  const scenarios = groups.map((group, i) => {
    const sentence = sentenceOf(group[0] as Trace, file, homeOf);
    return same || conditions[i] === undefined ? sentence : `${sentence}, when ${conditions[i]}`;
  });
  return {
    always: all.every((trace) => holds.has(trace)) && !all.some((trace) => homeOf(trace)?.job.cut === true),
    scenarios: [...new Set(scenarios)],
    rows: rowsOf(all, holds),
    condition: same ? first : undefined,
  };
}

const scenarioKey = (trace: Trace, homeOf: (trace: Trace) => TraceHome | undefined): string =>
  `${homeOf(trace)?.workflow.file.name ?? ""}\n${trace.scenario.id}`;

/** Told and untold walks are told apart row by row: which rows it holds in is said of itself. */
function conditionWithin(scenario: readonly Trace[], holds: ReadonlySet<Trace>): string | undefined {
  const conditions = new Set<string | undefined>();
  for (const row of groupsOf(scenario, (trace) => `${trace.job.id.text}\n${trace.row.name}`)) {
    const told = row.filter((trace) => holds.has(trace));
    if (told.length === 0) continue;
    const others = row.filter((trace) => !holds.has(trace));
    conditions.add(
      conditionOf(
        told.map((trace) => trace.assumed),
        others.map((trace) => trace.assumed),
      ),
    );
  }
  return conditions.has(undefined) ? undefined : [...conditions].join(" || ");
}

/** Those with the same key together, in order of their first. */
function groupsOf(traces: readonly Trace[], keyOf: (trace: Trace) => string): readonly (readonly Trace[])[] {
  const groups = new Map<string, Trace[]>();
  for (const trace of traces) {
    const key = keyOf(trace);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trace]);
    else group.push(trace);
  }
  return [...groups.values()];
}

function sentenceOf(trace: Trace, file: string, homeOf: (trace: Trace) => TraceHome | undefined): string {
  const from = homeOf(trace)?.workflow.file.name;
  const { sentence } = trace.scenario;
  return from === undefined || from === file || !file.startsWith(".github/workflows/") ? sentence : `${sentence} (${from})`;
}

function rowsOf(all: readonly Trace[], holds: ReadonlySet<Trace>): readonly string[] {
  const told = new Set(all.filter((trace) => holds.has(trace)).map((trace) => trace.row.name));
  const others = new Set(all.map((trace) => trace.row.name));
  return told.size === others.size ? [] : [...told].filter((name) => name !== "");
}
