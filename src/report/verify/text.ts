import pc from "picocolors";
import { commandText } from "../../core/command-text.ts";
import { bytesText } from "../../core/quantity.ts";
import type { VerifiedPlatform, VerifyReport } from "../../verify/report.ts";
import { clean } from "../clean.ts";
import { columnsOf, cut, padTo } from "../columns.ts";
import type { Colors } from "../progress/tty.ts";
import { paintOf } from "../severities.ts";
import { acrossPlatforms, type SharedFinding } from "./across-platforms.ts";
import { comparisonText, differenceText, foremost, lastLines, layerText, pathsText, shortDigest, smokeText, verdictText, verifySummary } from "./sentences.ts";

const PLAIN: Colors = pc.createColors(false);
/** A platform may have any name that an index gives it; what starts may be a long command line. */
const WIDEST_NAME = 48;
const WIDEST_START = 72;
const MOST_DIFFERENCES = 20;
const MOST_OUTPUT = 20;

/**
 * What is in an image, for people at a terminal: a table of its platforms, what is wrong with it, how it differs from another, what became of starting it, and a
 * summary line. Ends without a line feed.
 */
export function verifyText(report: VerifyReport, colors: Colors = PLAIN): string {
  const told = acrossPlatforms(report.findings);
  const brief = report.rules.length !== 1;
  const remarks = brief ? told.filter(({ finding }) => finding.severity === "info") : [];
  const blocks = [
    `${colors.bold(clean(report.name))} ${colors.dim(clean(report.digest))}`,
    ...(report.platforms.length === 0 ? [] : [tableText(report, colors)]),
    ...told.filter((one) => !remarks.includes(one)).map((one) => findingText(one, colors)),
    ...(remarks.length === 0 ? [] : [remarksText(remarks, colors)]),
    ...againstBlocks(report, colors),
    ...smokeBlocks(report, colors),
    ...(report.notes.length === 0 ? [] : [report.notes.map((note) => `${colors.dim("note:")} ${clean(note)}`).join("\n")]),
    colors.bold(clean(verifySummary(report))),
  ];
  return blocks.join("\n\n");
}

const HEADS = ["platform", "size", "layers", "files", "binaries fit", "verdict", "starts"];
const VERDICT = HEADS.indexOf("verdict");

function tableText({ platforms, findings }: VerifyReport, colors: Colors): string {
  const rows = platforms.map((platform) => {
    const { name, size, layers, binaries, files, starts } = platform;
    return [
      clean(cut(name, WIDEST_NAME)),
      bytesText(size),
      String(layers),
      files === undefined ? "-" : String(files),
      binaries === undefined ? "-" : `${binaries.fitting}/${binaries.total}`,
      verdictText(platform, findings),
      starts === undefined ? "-" : clean(cut(starts, WIDEST_START)),
    ];
  });
  const widths = HEADS.map((head, i) => Math.max(head.length, ...rows.map((row) => columnsOf(row[i] as string))));
  const padded = (row: readonly string[]): string[] => row.map((cell, i) => (i === row.length - 1 ? cell : padTo(cell, widths[i] as number)));
  const lines = rows.map((row, i) =>
    padded(row)
      .map((cell, at) => (at === VERDICT ? verdictPaint(platforms[i], colors)(cell) : cell))
      .join("  "),
  );
  return [colors.dim(padded(HEADS).join("  ")), ...lines].join("\n");
}

function verdictPaint(platform: VerifiedPlatform | undefined, colors: Colors): (text: string) => string {
  if (platform?.worst !== undefined && platform.worst !== "info") return paintOf(platform.worst, colors);
  return platform?.files === undefined ? (text) => colors.yellow(text) : (text) => colors.green(text);
}

const placesOf = ({ platforms }: SharedFinding): string => (platforms.length === 0 ? "the image" : platforms.join(", "));

function findingText(one: SharedFinding, colors: Colors): string {
  const { finding, layers, documents } = one;
  const { rule, severity, confidence, message, facts, clause, cause, remedies } = finding;
  const label = (text: string): string => `  ${colors.bold(text)}`;
  const paths = pathsText(finding.at);
  return [
    `${colors.bold(clean(`${placesOf(one)}:`))} ${paintOf(severity, colors)(severity)}: ${clean(message)} ${colors.dim(clean(`[${rule}, ${confidence}]`))}`,
    ...(documents.length === 0 ? [] : [`${label("document:")} ${clean(documents.join(", "))}`]),
    ...layers.map((layer) => `${label("from:")} ${clean(layerText(layer))}`),
    ...(paths === undefined ? [] : [`${label("at:")} ${clean(paths)}`]),
    ...facts.map((fact) => `${label("because:")} ${clean(fact)}`),
    ...(clause === undefined ? [] : [`${label("breaks:")} ${clean(clause.name)} ${colors.dim(clean(clause.url))}`]),
    ...(cause === "" ? [] : [`${label("cause:")} ${clean(cause)}`]),
    ...remedies.map((remedy, i) => `${label(i === 0 ? "help:" : "or:")} ${clean(remedy)}`),
  ].join("\n");
}

/** Findings of severity `info`, briefly: what is worth knowing must not hide what fails. */
function remarksText(remarks: readonly SharedFinding[], colors: Colors): string {
  const lines = [colors.cyan(colors.bold("also:"))];
  for (const one of remarks) {
    const { rule, confidence, message, at, remedies } = one.finding;
    const places = [placesOf(one), pathsText(at)].filter((place) => place !== undefined).join(": ");
    lines.push(`  ${clean(message)} ${colors.dim(clean(`[${rule}, info, ${confidence}]`))}`, `    ${colors.dim("at")} ${clean(places)}`);
    if (remedies[0] !== undefined) lines.push(`    ${colors.dim("help:")} ${clean(remedies[0])}`);
  }
  return lines.join("\n");
}

function againstBlocks({ against }: VerifyReport, colors: Colors): readonly string[] {
  if (against === undefined) return [];
  const lines = [`${colors.bold(`against ${clean(against.name)}`)} ${colors.dim(clean(shortDigest(against.digest)))}${against.identical ? ": identical" : ""}`];
  for (const platform of against.identical ? [] : against.platforms) {
    lines.push(`  ${colors.bold(clean(`${platform.platform}:`))} ${clean(comparisonText(platform))}`);
    const { files } = platform;
    if (files === undefined) continue;
    const shown = foremost(files.list, MOST_DIFFERENCES);
    const rest = files.added + files.removed + files.changed + files.timesOnly - shown.length;
    for (const difference of shown) lines.push(`    ${clean(differenceText(difference))}`);
    if (rest > 0) lines.push(colors.dim(`    and ${rest} more`));
  }
  return [lines.join("\n")];
}

function smokeBlocks({ smoke }: VerifyReport, colors: Colors): readonly string[] {
  if (smoke === undefined) return [];
  const paint = { passed: colors.green, failed: colors.red, "not-run": colors.yellow } as const;
  const lines = [colors.bold("smoke")];
  for (const result of smoke) {
    lines.push(`  ${colors.bold(clean(`${result.platform}:`))} ${paint[result.state](clean(smokeText(result)))}`);
    if (result.command.length > 0) lines.push(`    ${colors.dim("$")} ${clean(commandText(result.command))}`);
    for (const line of lastLines(result.output, MOST_OUTPUT)) lines.push(`    ${colors.dim("|")} ${clean(line)}`);
  }
  return [lines.join("\n")];
}
