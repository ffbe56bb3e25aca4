import pc from "picocolors";
import type { Place } from "../../core/span.ts";
import type { DoctorReport } from "../../findings/doctor-report.ts";
import type { Finding } from "../../findings/finding.ts";
import { clean } from "../clean.ts";
import type { Colors } from "../progress/tty.ts";
import { paintOf } from "../severities.ts";
import { lineText, regionOf } from "./region.ts";
import { remarksText } from "./remarks-text.ts";
import { cutTexts, fixCommand, summaryText, whenText } from "./sentences.ts";
import { worstFirst } from "./worst-first.ts";

/** Of a longer line, only what lies around the finding is shown. */
const WIDEST_LINE = 160;
/** Of a span of many lines, only the first ones are shown. */
const MOST_LINES = 3;
const PLAIN: Colors = pc.createColors(false);

/**
 * What `doctor` found, for people at a terminal: errors, warnings, then remarks (briefly, unless one rule alone was asked), and a summary line.
 * Ends without a line feed.
 */
export function findingsText(report: DoctorReport, colors: Colors = PLAIN): string {
  const root = report.root === "." || report.root === "" ? "" : `${report.root.replace(/\/$/, "")}/`;
  const brief = report.rules.length !== 1;
  const remarks = brief ? report.findings.filter(({ severity }) => severity === "info") : [];
  const told = worstFirst(report.findings);
  const blocks = told.slice(0, told.length - remarks.length).map((finding) => findingText(finding, root, colors, paintOf(finding.severity, colors)));
  if (remarks.length > 0) blocks.push(remarksText(remarks, root, colors));
  const notes = cutTexts(report).map((note) => `${colors.dim("note:")} ${clean(note)}`);
  return [...blocks, ...(notes.length === 0 ? [] : [notes.join("\n")]), colors.bold(clean(summaryText(report)))].join("\n\n");
}

type Paint = (text: string) => string;

function findingText(finding: Finding, root: string, colors: Colors, paint: Paint): string {
  const { severity, confidence, rule, message, place, facts, when, log, cause, remedies } = finding;
  const at = (one: Place): string => clean(`${root}${one.file.name}:${regionOf(one).line}`);
  const label = (text: string): string => `  ${colors.bold(text)}`;
  const holds = whenText(when);
  const head = colors.bold(`${at(place)}:${regionOf(place).column}:`);
  const lines = [
    `${head} ${paint(severity)}: ${clean(message)} ${colors.dim(clean(`[${rule}, ${confidence}]`))}`,
    ...frame(place, colors, paint),
    ...facts.map((fact) => `${label("because:")} ${clean(fact.sentence)}${fact.place === undefined ? "" : colors.dim(` (${at(fact.place)})`)}`),
    ...(holds === undefined ? [] : [`${label("when:")} ${clean(holds)}`]),
  ];
  if (log !== undefined) {
    lines.push(`${label("the log will say")} (${clean(log.tool)}):`);
    for (const line of log.lines.flatMap((one) => one.split("\n"))) lines.push(`    ${colors.dim("|")} ${clean(line)}`);
  }
  if (cause !== "") lines.push(`${label("cause:")} ${clean(cause)}`);
  remedies.forEach((remedy, i) => {
    lines.push(`${label(i === 0 ? "help:" : "or:")} ${clean(remedy.title)}`);
    if (remedy.price !== "") lines.push(`    costs: ${clean(remedy.price)}`);
    const command = fixCommand(finding, remedy);
    if (command !== undefined) lines.push(`    fix: ${colors.green(clean(command))}`);
  });
  return lines.join("\n");
}

/** The lines of the place, with marks under it. */
function frame(place: Place, colors: Colors, paint: Paint): string[] {
  const { line, column, endLine, endColumn } = regionOf(place);
  const last = Math.min(endLine, line + MOST_LINES - 1);
  const gutter = String(last).length;
  const shown: string[] = [];
  for (let at = line; at <= last; at++) {
    // What ends at a line's beginning has nothing in that line.
    if (at > line && at === endLine && endColumn === 1) break;
    const text = lineText(place.file, at);
    const from = at === line ? column - 1 : text.length - text.trimStart().length;
    const to = at === endLine ? endColumn - 1 : text.length;
    const cut = text.length <= WIDEST_LINE ? 0 : Math.max(0, Math.min(from - WIDEST_LINE / 4, text.length - WIDEST_LINE));
    const dots = cut === 0 ? "" : "…";
    const stretch = text.slice(cut, cut + WIDEST_LINE);
    const marks = Math.max(1, width(text.slice(Math.max(from, cut), Math.min(to, cut + WIDEST_LINE))));
    shown.push(`${colors.dim(`  ${String(at).padStart(gutter)} |`)} ${dots}${visible(stretch)}${cut + stretch.length < text.length ? "…" : ""}`);
    shown.push(`${colors.dim(`  ${" ".repeat(gutter)} |`)} ${" ".repeat(dots.length + width(text.slice(cut, from)))}${paint("^".repeat(marks))}`);
  }
  if (endLine > last) shown.push(colors.dim(`  ${" ".repeat(gutter)} | …`));
  return shown;
}

/** A line of a file so that it takes the columns that we count. */
const visible = (text: string): string => clean(text.replaceAll("\t", "  "));

const NO_COLUMN = /\p{M}|\u200d|\ufe0f/u;
const TWO_COLUMNS = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns of a terminal. */
function width(text: string): number {
  let columns = 0;
  for (const char of visible(text)) columns += NO_COLUMN.test(char) ? 0 : TWO_COLUMNS.test(char) ? 2 : 1;
  return columns;
}
