import type { Place } from "../../core/span.ts";
import type { DoctorReport } from "../../findings/doctor-report.ts";
import type { Finding } from "../../findings/finding.ts";
import { code, escaped, fenced, MARKDOWN_LONGEST, MARKS, sentence } from "../markdown-text.ts";
import { regionOf } from "./region.ts";
import { cutTexts, fixCommand, summaryText, whenText } from "./sentences.ts";
import { worstFirst } from "./worst-first.ts";

/**
 * What `doctor` found as Markdown, for a comment on a pull request or `$GITHUB_STEP_SUMMARY`. Text of files is shown as it is and means nothing:
 * no markup, no link, no mention. What would not fit is counted. Ends without a line feed.
 */
export function findingsMarkdown(report: DoctorReport): string {
  const sections = ["## multihull doctor", `${escaped(summaryText(report))}.`];
  let length = 0;
  let left = 0;
  for (const finding of worstFirst(report.findings)) {
    const section = findingSection(finding);
    length += section.length;
    if (length > MARKDOWN_LONGEST) left++;
    else sections.push(section);
  }
  if (left > 0) sections.push(`… and ${left} more: \`multihull doctor\` tells them all.`);
  const notes = cutTexts(report);
  if (notes.length > 0 && length <= MARKDOWN_LONGEST) sections.push(notes.map((note) => `- note: ${escaped(note)}`).join("\n"));
  return sections.join("\n\n");
}

function findingSection(finding: Finding): string {
  const { severity, rule, confidence, message, place, facts, when, log, cause, remedies } = finding;
  const holds = whenText(when);
  const body = [
    facts.map((fact) => `- ${sentence(fact.sentence)}${fact.place === undefined ? "" : ` (${code(placeText(fact.place))})`}`).join("\n"),
    holds === undefined ? "" : `**When:** ${sentence(holds)}`,
    log === undefined ? "" : `The log will say (${code(log.tool)}):\n\n${fenced(log.lines.join("\n"))}`,
    cause === "" ? "" : `**Cause:** ${sentence(cause)}`,
    remedies
      .map((remedy) => {
        const command = fixCommand(finding, remedy);
        const price = remedy.price === "" ? "" : ` — ${sentence(remedy.price)}`;
        return `- **${sentence(remedy.title)}**${price}${command === undefined ? "" : `: ${code(command)}`}`;
      })
      .join("\n"),
  ].filter((part) => part !== "");
  const head = `${MARKS[severity]} <b>${severity}</b>, ${confidence}: ${code(placeText(place))} ${sentence(message)} (${code(rule)})`;
  return `<details${severity === "error" ? " open" : ""}><summary>${head}</summary>\n\n${body.join("\n\n")}\n\n</details>`;
}

const placeText = (place: Place): string => `${place.file.name}:${regionOf(place).line}`;
