import type { VerifyReport } from "../../verify/report.ts";
import { commandData, commandProperty, WORKFLOW_COMMANDS } from "../workflow-command.ts";
import { acrossPlatforms, type SharedFinding } from "./across-platforms.ts";
import { layerText, pathsText } from "./sentences.ts";

/**
 * What is wrong with an image as workflow commands of GitHub Actions, one a line: printed in a step, they become annotations of the run. They have no file, for an
 * image is none. Ends without a line feed; empty when there is nothing to tell.
 */
export function verifyGithub(report: VerifyReport): string {
  const notes = report.notes.map((note) => `::debug::${commandData(note)}`);
  return [...acrossPlatforms(report.findings).map((one) => annotation(one, report.name)), ...notes].join("\n");
}

function annotation({ finding, platforms, layers, documents }: SharedFinding, image: string): string {
  const { rule, severity, confidence, message, at, facts, clause, cause, remedies } = finding;
  const paths = pathsText(at);
  const body = [
    `${platforms.length === 0 ? "" : `${platforms.join(", ")}: `}${message} (${confidence})`,
    `image: ${image}`,
    ...(documents.length === 0 ? [] : [`document: ${documents.join(", ")}`]),
    ...layers.map((layer) => `from: ${layerText(layer)}`),
    ...(paths === undefined ? [] : [`at: ${paths}`]),
    ...facts.map((fact) => `because: ${fact}`),
    ...(clause === undefined ? [] : [`breaks: ${clause.name} ${clause.url}`]),
    ...(cause === "" ? [] : [`cause: ${cause}`]),
    ...remedies.map((remedy, i) => `${i === 0 ? "help" : "or"}: ${remedy}`),
  ];
  return `::${WORKFLOW_COMMANDS[severity]} title=${commandProperty(`multihull: ${rule}`)}::${commandData(body.join("\n"))}`;
}
