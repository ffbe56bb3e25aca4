import type { Place } from "../../core/span.ts";
import type { DoctorReport } from "../../findings/doctor-report.ts";
import type { Finding, Remedy } from "../../findings/finding.ts";
import { regionOf } from "./region.ts";
import { fixCommand } from "./sentences.ts";

/** What `doctor` found, for programs; `docs/json.md` tells its keys, `docs/schema/findings.schema.json` their types. */
export function findingsJson(report: DoctorReport): object {
  const { root, asOf, workflows, findings, ignored, cut, unreached, failOn, failed } = report;
  return {
    version: 1,
    root,
    asOf,
    failOn,
    failed,
    workflows,
    findings: findings.map(findingJson),
    ignored: ignored.map(({ finding, reason, by }) => ({ ...findingJson(finding), by, ...(reason === undefined ? {} : { reason }) })),
    cut,
    unreached,
  };
}

function findingJson(finding: Finding): object {
  const { rule, severity, confidence, message, place, facts, when, log, cause, remedies } = finding;
  return {
    rule,
    severity,
    confidence,
    message,
    place: placeJson(place),
    facts: facts.map((fact) => ({ sentence: fact.sentence, ...(fact.place === undefined ? {} : { place: placeJson(fact.place) }) })),
    when: { always: when.always, scenarios: when.scenarios, rows: when.rows, ...(when.condition === undefined ? {} : { condition: when.condition }) },
    ...(log === undefined ? {} : { log: { tool: log.tool, lines: log.lines } }),
    cause,
    remedies: remedies.map((remedy) => remedyJson(finding, remedy)),
  };
}

function remedyJson(finding: Finding, remedy: Remedy): object {
  const { title, price, fix } = remedy;
  if (fix === undefined) return { title, price };
  const files = [...new Set(fix.edits.map(({ file }) => file.name))];
  return { title, price, fix: { safety: fix.safety, ...(fix.with === undefined ? {} : { with: fix.with }), files, command: fixCommand(finding, remedy) } };
}

const placeJson = (place: Place): object => ({ file: place.file.name, ...regionOf(place) });
