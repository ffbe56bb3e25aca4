import { byCodeUnit } from "../core/order.ts";
import type { Confidence, Fact, Finding, Remedy, Severity } from "../findings/finding.ts";
import { SEVERITIES } from "../findings/severity.ts";
import type { Trace } from "../simulate/trace.ts";
import type { RuleMeta, Told } from "./rule.ts";
import { type TraceHome, WHATEVER_HAPPENS, whenOf } from "./when.ts";

/** What a rule told, with what was at hand when it did. */
export interface Heard {
  readonly meta: RuleMeta;
  readonly told: Told;
  readonly traces: readonly Trace[];
  readonly among: readonly Trace[];
}

const CONFIDENCES: readonly Confidence[] = ["certain", "likely", "possible"];

/** One finding for each cause: what is told by one rule of one place under one key. Sorted by file, place and severity. */
export function mergeHeard(heard: readonly Heard[], homeOf: (trace: Trace) => TraceHome | undefined): readonly Finding[] {
  const causes = new Map<string, Heard[]>();
  for (const one of heard) {
    const { place, key, message } = one.told;
    const id = `${one.meta.id}\n${place.file.name}\n${place.span.start}\n${place.span.end}\n${key ?? message}`;
    const cause = causes.get(id);
    if (cause === undefined) causes.set(id, [one]);
    else cause.push(one);
  }
  return [...causes.values()].map((cause) => findingOf(cause, homeOf)).sort(inOrder);
}

/** By file, place and severity. */
export function inOrder(a: Finding, b: Finding): number {
  return (
    byCodeUnit(a.place.file.name, b.place.file.name) ||
    a.place.span.start - b.place.span.start ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    byCodeUnit(a.rule, b.rule) ||
    byCodeUnit(a.message, b.message)
  );
}

/** Where it is told in several degrees the worst and surest counts, and with it the circumstances in which it is so. */
function findingOf(cause: readonly Heard[], homeOf: (trace: Trace) => TraceHome | undefined): Finding {
  const severity = SEVERITIES.find((one) => cause.some((each) => severityOf(each) === one)) as Severity;
  const severe = cause.filter((each) => severityOf(each) === severity);
  const confidence = CONFIDENCES.find((one) => severe.some((each) => confidenceOf(each) === one)) as Confidence;
  const surest = severe.filter((each) => confidenceOf(each) === confidence);
  const { meta, told } = surest[0] as Heard;
  const traces = surest.flatMap((each) => each.traces);
  const whatever = surest.some((each) => each.traces.length === 0);
  // Every call of one job hands in the same list.
  const among = [...new Set(cause.flatMap((each) => [each.among, each.traces]))].flat();
  const when = whatever ? WHATEVER_HAPPENS : whenOf(traces, among, told.place.file.name, homeOf);
  // It holds only where nobody knows whether there is such a matrix row at all.
  const rowInDoubt = !whatever && !when.always && when.rows.length > 0 && traces.every((trace) => !trace.row.certain);
  return {
    rule: meta.id,
    severity,
    confidence: rowInDoubt && confidence === "certain" ? "likely" : confidence,
    message: told.message,
    place: told.place,
    facts: withoutRepeats([...callsOf(traces, homeOf), ...(told.facts ?? [])]),
    when,
    log: told.log,
    cause: told.cause,
    remedies: remediesOf(surest),
  };
}

/** Of more calls of a reusable workflow, people read no more. */
const MOST_CALLS = 3;

/** What hands in the inputs that the rest hangs on: jobs that call the reusable workflow. Nothing where it is also seen without a call. */
function callsOf(traces: readonly Trace[], homeOf: (trace: Trace) => TraceHome | undefined): readonly Fact[] {
  const calls = new Map<string, Fact>();
  for (const trace of traces) {
    const home = homeOf(trace);
    if (trace.calledFrom.length === 0 || home === undefined) return [];
    const { workflow, job } = home;
    calls.set(`${workflow.file.name}\n${job.job.id.text}`, {
      sentence: `job "${job.job.id.text}" calls the reusable workflow "${trace.workflow.file.name}"`,
      place: { file: workflow.file, span: job.job.id.span },
    });
  }
  return [...calls.values()].slice(0, MOST_CALLS);
}

const severityOf = ({ meta, told }: Heard): Severity => told.severity ?? meta.severity;
const confidenceOf = ({ meta, told }: Heard): Confidence => told.confidence ?? meta.confidence;

/** Of the first that has any. */
function remediesOf(cause: readonly Heard[]): readonly Remedy[] {
  for (const { told } of cause) {
    const remedies = typeof told.remedies === "function" ? told.remedies() : (told.remedies ?? []);
    if (remedies.length > 0) return remedies;
  }
  return [];
}

function withoutRepeats(facts: readonly Fact[]): readonly Fact[] {
  const seen = new Set<string>();
  return facts.filter(({ sentence, place }) => {
    const key = `${sentence}\n${place?.file.name ?? ""}\n${place?.span.start ?? ""}`;
    return !seen.has(key) && seen.add(key);
  });
}
