import { createHash } from "node:crypto";
import type { ArtifactLocation, Location, Log, ReportingDescriptor, Result, Fix as SarifFix, Region as SarifRegion } from "sarif";
import type { Place, SourceFile } from "../../core/span.ts";
import type { DoctorReport, IgnoredFinding, RuleSummary } from "../../findings/doctor-report.ts";
import type { Finding, Remedy, Severity } from "../../findings/finding.ts";
import { lineText, regionOf } from "./region.ts";
import { cutTexts, pricedText, whenText } from "./sentences.ts";

export interface SarifOptions {
  /** Of multihull. */
  readonly version: string;
  /** Address of multihull's own repository, without a slash at its end: rules link to its pages. Undefined: no links. */
  readonly home?: string | undefined;
}

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const LEVELS = { error: "error", warning: "warning", info: "note" } as const satisfies Readonly<Record<Severity, string>>;
/** Paths are of the repository. */
const BASE = "%SRCROOT%";

/** What `doctor` found as SARIF 2.1.0, for code scanning and editors. What the repository silences is there, as suppressed. */
export function findingsSarif(report: DoctorReport, { version, home }: SarifOptions): Log {
  const numbers = new Map(report.rules.map(({ id }, i) => [id, i]));
  const seen = new Map<string, number>();
  const result = (finding: Finding): Result => resultOf(finding, numbers.get(finding.rule), seen);
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "multihull",
            version,
            semanticVersion: version,
            ...(home === undefined ? {} : { informationUri: home }),
            rules: report.rules.map((rule) => descriptorOf(rule, home)),
          },
        },
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

function descriptorOf({ id, summary, severity, confidence, page }: RuleSummary, home: string | undefined): ReportingDescriptor {
  return {
    id,
    shortDescription: { text: summary },
    fullDescription: { text: summary },
    help: {
      text: `${summary}: see ${page}`,
      markdown: home === undefined ? `${escaped(summary)}: see ${escaped(page)}` : `${escaped(summary)}: [${escaped(page)}](${home}/blob/main/${page})`,
    },
    ...(home === undefined ? {} : { helpUri: `${home}/blob/main/${page}` }),
    defaultConfiguration: { level: LEVELS[severity] },
    properties: { precision: PRECISION[confidence], tags: ["multi-platform"] },
  };
}

/** What code scanning sorts by. */
const PRECISION = { certain: "very-high", likely: "high", possible: "medium" } as const;

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
    level: LEVELS[severity],
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

/** `[text](1)` would be a link in a message. */
const messageText = (text: string): string => text.replace(/[[\]\\]/g, "\\$&");
const escaped = (text: string): string => text.replace(/[\\`*_[\]<>#|]/g, "\\$&");

const locationOf = (place: Place): Location => ({ physicalLocation: { artifactLocation: artifactOf(place.file), region: sarifRegion(place) } });

const artifactOf = ({ name }: SourceFile): ArtifactLocation => ({ uri: name.split("/").map(uriSegment).join("/"), uriBaseId: BASE });

const uriSegment = (segment: string): string => encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\u{FFFD}"));

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
