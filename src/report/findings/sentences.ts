import { countText } from "../../core/quantity.ts";
import type { DoctorReport, UnreachedImage } from "../../findings/doctor-report.ts";
import type { Finding, Remedy, When } from "../../findings/finding.ts";
import { foundText } from "../severities.ts";

/** Under which circumstances a finding holds, as a sentence; undefined when it always does. */
export function whenText({ always, scenarios, rows, condition }: When): string | undefined {
  const parts = [
    ...(always || scenarios.length === 0 ? [] : [scenarios.join(", or ")]),
    ...(rows.length === 0 ? [] : [`${rows.length === 1 ? "row" : "rows"} ${rows.map((row) => `(${row})`).join(", ")} of the matrix`]),
    ...(condition === undefined ? [] : [`if ${condition}`]),
  ];
  return parts.length === 0 ? undefined : parts.join("; ");
}

/** The command that makes a remedy; undefined when only a person can. */
export function fixCommand({ rule }: Finding, { fix }: Remedy): string | undefined {
  return fix === undefined
    ? undefined
    : `multihull fix --rule ${rule}${fix.with === undefined ? "" : ` --with ${fix.with}`}${fix.safety === "unsafe" ? " --unsafe" : ""}`;
}

/** A remedy on one line, with its price in parentheses where it has one. */
export const pricedText = ({ title, price }: Remedy): string => (price === "" ? title : `${title} (${price})`);

/** `2 errors and 1 warning in 3 workflows, with runners as of 2026-11-22`. */
export function summaryText({ findings, ignored, workflows, asOf }: DoctorReport): string {
  const silenced = ignored.length === 0 ? "" : `; ${ignored.length} ignored`;
  return `${foundText(findings)} in ${countText(lookedAt(findings, workflows), "workflow")}, with runners as of ${asOf}${silenced}`;
}

/** Workflows that were walked, and those that could not be. */
const lookedAt = (findings: readonly Finding[], workflows: readonly string[]): number =>
  new Set([...workflows, ...findings.flatMap(({ place: { file } }) => (file.name.startsWith(".github/workflows/") ? [file.name] : []))]).size;

/** What a report does not cover. */
export const cutTexts = ({ cut, unreached }: DoctorReport): readonly string[] => [
  ...cut.map(({ file, job }) => `the job "${job}" of ${file} can run in more ways than were walked`),
  ...unreachedTexts(unreached),
];

/** Images of which nothing could be learned. */
export const unreachedTexts = (unreached: readonly UnreachedImage[]): readonly string[] =>
  unreached.map(({ image, why }) => `nothing is known of the base image "${image}": ${why}`);
