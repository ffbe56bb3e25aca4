import { createHash } from "node:crypto";
import type { ArtifactLocation, Location, Log, Result, Fix as SarifFix, Region as SarifRegion } from "sarif";
import type { Place, SourceFile } from "../../core/span.ts";
import type { DoctorReport, IgnoredFinding } from "../../findings/doctor-report.ts";
import type { Finding, Remedy } from "../../findings/finding.ts";
import { messageText, SARIF_LEVELS, SARIF_SCHEMA, type SarifOptions, sarifTool, uriSegment } from "../sarif-tool.ts";
import { lineText, regionOf } from "./region.ts";
import { cutTexts, pricedText, whenText } from "./sentences.ts";

/** Paths are of the repository. */
const BASE = "%SRCROOT%";

/** What `doctor` found as SARIF 2.1.0, for code scanning and editors. What the repository silences is there, as suppressed. */
export function findingsSarif(report: DoctorReport, options: SarifOptions): Log {
  const numbers = new Map(report.rules.map(({ id }, i) => [id, i]));
  const seen = new Map<string, number>();
  const result = (finding: Finding): Result => resultOf(finding, numbers.get(finding.rule), seen);
  return {
    $schema: SARIF_SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: sarifTool(report.rules, options),
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { [BASE]: { description: { text: "the root of the repository" } } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: cutTexts(report).map((text) => ({ level: "note" as const, message: { text } })),
          },
        ],
        results: [...report.findings.map(result), ...report.ignored.map((ignored) => ({ ...result(ignored.finding), suppressions: [suppressionOf(ignored)] }))],
        properties: { asOf: report.asOf, workflows: [...report.workflows] },
      },
    ],
  };
}

const suppressionOf = ({ reason, by }: IgnoredFinding): NonNullable<Result["suppressions"]>[number] => ({
  kind: by.includes("multihull.yaml") ? "external" : "inSource",
  status: "accepted",
  justification: reason ?? by,
});

function resultOf(finding: Finding, ruleIndex: number | undefined, seen: Map<string, number>): Result {
  const { rule, severity, confidence, message, place, facts, when, log, cause, remedies } = finding;
  const holds = whenText(when);
  const text = [
    message,
    ...(holds === undefined ? [] : [`when: ${holds}`]),
    ...(log === undefined ? [] : [`the log will say (${log.tool}):`, ...log.lines]),
    ...(cause === "" ? [] : [`cause: ${cause}`]),
    ...remedies.map((remedy, i) => `${i === 0 ? "help" : "or"}: ${pricedText(remedy)}`),
  ].join("\n");
  const related = facts.flatMap((fact) => (fact.place === undefined ? [] : [{ ...locationOf(fact.place), message: { text: messageText(fact.sentence) } }]));
  const fixes = remedies.flatMap(fixOf);
  return {
    ruleId: rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: SARIF_LEVELS[severity],
    message: { text: messageText(text) },
    locations: [locationOf(place)],
    ...(related.length === 0 ? {} : { relatedLocations: related.map((location, id) => ({ id, ...location })) }),
    partialFingerprints: { "multihull/v1": fingerprint(finding, seen) },
    ...(fixes.length === 0 ? {} : { fixes }),
    properties: {
      confidence,
      because: facts.map(({ sentence }) => sentence),
      ...(holds === undefined ? {} : { when: holds }),
      ...(log === undefined ? {} : { log: { tool: log.tool, lines: [...log.lines] } }),
    },
  };
}

const locationOf = (place: Place): Location => ({ physicalLocation: { artifactLocation: artifactOf(place.file), region: sarifRegion(place) } });

const artifactOf = ({ name }: SourceFile): ArtifactLocation => ({ uri: name.split("/").map(uriSegment).join("/"), uriBaseId: BASE });

function sarifRegion(place: Place): SarifRegion {
  const { line, column, endLine, endColumn } = regionOf(place);
  return { startLine: line, startColumn: column, endLine, endColumn };
}

/** The same when lines before it come and go: rule, file, the line's text, and the how-manieth of these it is. */
function fingerprint({ rule, place }: Finding, seen: Map<string, number>): string {
  const key = [rule, place.file.name, lineText(place.file, regionOf(place).line).trim()].join("\n");
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return createHash("sha256").update(`${key}\n${count}`).digest("hex").slice(0, 32);
}

/** Edits of text can be told; edits of YAML by route are made by `multihull fix`. */
function fixOf({ title, fix }: Remedy): SarifFix[] {
  if (fix === undefined || fix.edits.length === 0) return [];
  const changes = fix.edits.flatMap((edit) => {
    if (edit.kind !== "text" || edit.replacements.length === 0) return [];
    const replacements = edit.replacements.map(({ start, end, text }) => ({
      deletedRegion: sarifRegion({ file: edit.file, span: { start, end } }),
      insertedContent: { text },
    }));
    return [{ artifactLocation: artifactOf(edit.file), replacements }];
  });
  return changes.length < fix.edits.length ? [] : [{ description: { text: messageText(title) }, artifactChanges: changes }];
}
