import type { DoctorReport } from "../../findings/doctor-report.ts";
import type { Finding } from "../../findings/finding.ts";
import { commandData, commandProperty, WORKFLOW_COMMANDS } from "../workflow-command.ts";
import { regionOf } from "./region.ts";
import { cutTexts, fixCommand, pricedText, whenText } from "./sentences.ts";
import { worstFirst } from "./worst-first.ts";

/**
 * What `doctor` found as workflow commands of GitHub Actions, one a line: printed in a step, they become annotations of the commit.
 * Ends without a line feed; empty when there is nothing to tell.
 */
export function findingsGithub(report: DoctorReport): string {
  const notes = cutTexts(report).map((note) => `::debug::${commandData(note)}`);
  return [...worstFirst(report.findings).map(annotation), ...notes].join("\n");
}

function annotation(finding: Finding): string {
  const { severity, place, rule } = finding;
  const { line, column, endLine, endColumn } = regionOf(place);
  const properties = [`file=${commandProperty(place.file.name)}`, `line=${line}`, `endLine=${endLine}`];
  // GitHub takes columns only of a place within one line.
  if (line === endLine) properties.push(`col=${column}`, `endColumn=${Math.max(column, endColumn - 1)}`);
  properties.push(`title=${commandProperty(`multihull: ${rule}`)}`);
  return `::${WORKFLOW_COMMANDS[severity]} ${properties.join(",")}::${commandData(bodyOf(finding))}`;
}

function bodyOf(finding: Finding): string {
  const { message, confidence, when, log, cause, remedies } = finding;
  const holds = whenText(when);
  return [
    `${message} (${confidence})`,
    ...(holds === undefined ? [] : [`when: ${holds}`]),
    ...(log === undefined ? [] : [`the log will say (${log.tool}):`, ...log.lines.map((line) => `  ${line}`)]),
    ...(cause === "" ? [] : [`cause: ${cause}`]),
    ...remedies.map((remedy, i) => {
      const command = fixCommand(finding, remedy);
      return `${i === 0 ? "help" : "or"}: ${pricedText(remedy)}${command === undefined ? "" : `: ${command}`}`;
    }),
  ].join("\n");
}
