import type { Place } from "../../core/span.ts";
import type { DoctorReport } from "../../findings/doctor-report.ts";
import type { Finding, Severity } from "../../findings/finding.ts";
import { cleanLines } from "../clean.ts";
import { regionOf } from "./region.ts";
import { cutTexts, fixCommand, summaryText, whenText } from "./sentences.ts";
import { worstFirst } from "./worst-first.ts";

/** A comment on GitHub has room for 65536 characters; the job summary for more. */
const LONGEST = 60_000;
const MARKS: Readonly<Record<Severity, string>> = { error: "❌", warning: "⚠️", info: "ℹ️" };

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
    if (length > LONGEST) left++;
    else sections.push(section);
  }
  if (left > 0) sections.push(`… and ${left} more: \`multihull doctor\` tells them all.`);
  const notes = cutTexts(report);
  if (notes.length > 0 && length <= LONGEST) sections.push(notes.map((note) => `- note: ${escaped(note)}`).join("\n"));
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

/** A sentence of ours, in which text of files stands in double quotes: that becomes code. */
const sentence = (text: string): string =>
  text.replace(/"([^"\n]*)"|[^"]+|"/g, (part, quoted?: string) => (quoted === undefined || quoted === "" ? escaped(part) : code(quoted)));

/** One line in which nothing is markup. `@name` and `#1` are taken apart by a space of no width, for GitHub looks for them after Markdown. */
function escaped(text: string): string {
  return oneLine(text)
    .replace(/[^\p{L}\p{N} ,.;()%/=+?'-]/gu, entity)
    .replace(/(&#64;|&#35;)/g, "$1&#8203;")
    .replace(/\b(www)\./gi, "$1&#46;")
    .replace(/^([-+]|\d+[.)])/, (mark) => entity(mark[0] as string) + mark.slice(1));
}

/** In `<code>`, GitHub looks for nothing. */
const code = (text: string): string => `<code>${oneLine(text).replace(/[^\p{L}\p{N} ,.;()%/=+?'-]/gu, entity)}</code>`;

const oneLine = (text: string): string => cleanLines(text).replace(/\s+/g, " ");
const entity = (char: string): string => `&#${char.codePointAt(0)};`;

function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${cleanLines(text)}\n${fence}`;
}
