import type { ReportingDescriptor, Tool } from "sarif";
import type { RuleSummary } from "../findings/doctor-report.ts";
import type { Severity } from "../findings/finding.ts";

export interface SarifOptions {
  /** Of multihull. */
  readonly version: string;
  /** Address of multihull's own repository, without a slash at its end: rules link to its pages. Undefined: no links. */
  readonly home?: string | undefined;
}

export const SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
export const SARIF_LEVELS = { error: "error", warning: "warning", info: "note" } as const satisfies Readonly<Record<Severity, string>>;

/** What a run says of multihull and its rules. */
export const sarifTool = (rules: readonly RuleSummary[], { version, home }: SarifOptions): Tool => ({
  driver: {
    name: "multihull",
    version,
    semanticVersion: version,
    ...(home === undefined ? {} : { informationUri: home }),
    rules: rules.map((rule) => descriptorOf(rule, home)),
  },
});

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
    defaultConfiguration: { level: SARIF_LEVELS[severity] },
    properties: { precision: PRECISION[confidence], tags: ["multi-platform"] },
  };
}

/** What code scanning sorts by. */
const PRECISION = { certain: "very-high", likely: "high", possible: "medium" } as const;

/** `[text](1)` would be a link in a message. */
export const messageText = (text: string): string => text.replace(/[[\]\\]/g, "\\$&");

const escaped = (text: string): string => text.replace(/[\\`*_[\]<>#|]/g, "\\$&");

/** A name between slashes. */
export const uriSegment = (segment: string): string => encodeURIComponent(segment.replace(/\p{Surrogate}/gu, "\u{FFFD}"));
