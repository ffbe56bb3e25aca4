import { countText } from "../core/quantity.ts";
import { positionOf } from "../core/span.ts";
import type { Finding, Severity } from "../findings/finding.ts";
import type { Remaining } from "../fix/plan.ts";
import type { FixReport } from "../fix/report.ts";
import { clean } from "./clean.ts";
import { unreachedTexts } from "./findings/sentences.ts";

/** What was mended, or would be, with its price, and what is left to people. Without the diff. Ends without a line feed. */
export function fixText({ applied, remaining, files, written, unreached }: FixReport): string {
  const lines = applied.flatMap(({ finding, remedy }) => [
    `${placeText(finding)}: ${clean(remedy.title)}`,
    `    mends: ${clean(finding.message)} [${finding.rule}]`,
    ...(remedy.price === "" ? [] : [`    costs: ${clean(remedy.price)}`]),
  ]);
  const left = leftText(remaining, applied.length > 0);
  if (left.length > 0) lines.push(...(lines.length === 0 ? [] : [""]), "left to you:", ...left);
  const notes = unreachedTexts(unreached).map((note) => `note: ${clean(note)}`);
  if (notes.length > 0) lines.push(...(lines.length === 0 ? [] : [""]), ...notes);
  return [...lines, ...(lines.length === 0 ? [] : [""]), summary(applied.length, files.length, remaining.length, written)].join("\n");
}

/** What is bad comes first; hints are only counted where there is something else to tell. */
function leftText(remaining: readonly Remaining[], busy: boolean): readonly string[] {
  const of = (severity: Severity): readonly Remaining[] => remaining.filter(({ finding }) => finding.severity === severity);
  const [worse, hints] = [[...of("error"), ...of("warning")], of("info")];
  const brief = hints.length > 0 && (busy || worse.length > 0);
  const lines = (brief ? worse : [...worse, ...hints]).flatMap(({ finding, advice }) => [
    `${placeText(finding)}: ${clean(finding.message)} [${finding.rule}]`,
    ...advice.map(({ remedy, reason }) => `    ${clean(remedy.title)} (${clean(reason)})`),
  ]);
  return brief ? [...lines, `${worse.length === 0 ? "" : "and "}${countText(hints.length, "hint")}, which "multihull doctor" tells`] : lines;
}

function summary(fixes: number, files: number, left: number, written: boolean): string {
  if (fixes === 0) return left === 0 ? "nothing to mend" : "nothing that can be mended by itself";
  const made = `${`${fixes} ${fixes === 1 ? "fix" : "fixes"}`} in ${countText(files, "file")}`;
  return written ? `wrote ${made}` : `${made}; nothing was written: add --write, or give the diff to "git apply"`;
}

function placeText({ place }: Finding): string {
  const { line, column } = positionOf(place.file, place.span.start);
  return `${clean(place.file.name)}:${line}:${column}`;
}
