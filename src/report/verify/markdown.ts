import { commandText } from "../../core/command-text.ts";
import { bytesText } from "../../core/quantity.ts";
import type { VerifyReport } from "../../verify/report.ts";
import { code, escaped, fenced, MARKDOWN_LONGEST, MARKS, sentence } from "../markdown-text.ts";
import { acrossPlatforms, type SharedFinding } from "./across-platforms.ts";
import { comparisonText, differenceText, foremost, lastLines, layerText, pathsText, shortDigest, smokeText, verdictText, verifySummary } from "./sentences.ts";

const MOST_DIFFERENCES = 20;
const MOST_OUTPUT = 20;

/**
 * What is in an image as Markdown, for a comment on a pull request or `$GITHUB_STEP_SUMMARY`. Text of images is shown as it is and means nothing: no markup, no
 * link, no mention. What would not fit is counted. Ends without a line feed.
 */
export function verifyMarkdown(report: VerifyReport): string {
  const sections = ["## multihull verify", `${code(report.name)} ${code(shortDigest(report.digest))}: ${escaped(verifySummary(report))}.`];
  let length = 0;
  let left = 0;
  const take = (section: string): void => {
    length += section.length;
    if (length > MARKDOWN_LONGEST) left++;
    else sections.push(section);
  };
  if (report.platforms.length > 0) take(tableText(report));
  for (const one of acrossPlatforms(report.findings)) take(findingSection(one));
  for (const section of [...againstSections(report), ...smokeSections(report)]) take(section);
  if (report.notes.length > 0) take(report.notes.map((note) => `- note: ${sentence(note)}`).join("\n"));
  if (left > 0) sections.push(`… and ${left} more: \`multihull verify\` tells them all.`);
  return sections.join("\n\n");
}

function tableText({ platforms, findings }: VerifyReport): string {
  const rows = platforms.map((platform) => {
    const { binaries, files, starts, worst } = platform;
    const cells = [
      code(platform.name),
      bytesText(platform.size),
      String(platform.layers),
      files === undefined ? "" : String(files),
      binaries === undefined ? "" : `${binaries.fitting} of ${binaries.total}`,
      `${worst !== undefined && worst !== "info" ? MARKS[worst] : files === undefined ? "❔" : "✅"} ${escaped(verdictText(platform, findings))}`,
      starts === undefined ? "" : code(starts),
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| platform | size | layers | files | binaries that fit | verdict | starts |", "|---|---|---|---|---|---|---|", ...rows].join("\n");
}

function findingSection({ finding, platforms, layers, documents }: SharedFinding): string {
  const { rule, severity, confidence, message, at, facts, clause, cause, remedies } = finding;
  const paths = pathsText(at);
  const places = [
    ...documents.map((document) => `- document ${code(document)}`),
    ...layers.map((layer) => `- ${code(layerText(layer))}`),
    ...(paths === undefined ? [] : [`- ${code(paths)}`]),
    ...facts.map((fact) => `- ${sentence(fact)}`),
  ];
  const body = [
    places.join("\n"),
    clause === undefined ? "" : `**Breaks:** [${escaped(clause.name)}](${encodeURI(clause.url).replace(/[()]/g, "")})`,
    cause === "" ? "" : `**Cause:** ${sentence(cause)}`,
    remedies.map((remedy) => `- **${sentence(remedy)}**`).join("\n"),
  ].filter((part) => part !== "");
  const where = platforms.length === 0 ? "" : `${platforms.map(code).join(", ")} `;
  const head = `${MARKS[severity]} <b>${severity}</b>, ${confidence}: ${where}${sentence(message)} (${code(rule)})`;
  return `<details${severity === "error" ? " open" : ""}><summary>${head}</summary>\n\n${body.join("\n\n")}\n\n</details>`;
}

function againstSections({ against }: VerifyReport): readonly string[] {
  if (against === undefined) return [];
  const head = `### Against ${code(against.name)} ${code(shortDigest(against.digest))}`;
  if (against.identical) return [`${head}\n\nidentical`];
  const platforms = against.platforms.map((platform) => {
    const shown = foremost(platform.files?.list ?? [], MOST_DIFFERENCES);
    return [`- ${code(platform.platform)}: ${sentence(comparisonText(platform))}`, ...shown.map((one) => `  - ${code(differenceText(one))}`)].join("\n");
  });
  return [`${head}\n\n${platforms.join("\n")}`];
}

function smokeSections({ smoke }: VerifyReport): readonly string[] {
  if (smoke === undefined) return [];
  const marks = { passed: "✅", failed: MARKS.error, "not-run": "⏭️" } as const;
  const results = smoke.map((result) => {
    const output = lastLines(result.output, MOST_OUTPUT);
    const command = result.command.length === 0 ? "" : ` ${code(commandText(result.command))}`;
    const head = `${marks[result.state]} ${code(result.platform)}${command}: ${sentence(smokeText(result))}`;
    return [head, ...(output.length === 0 ? [] : [fenced(output.join("\n"))])].join("\n\n");
  });
  return [`### Smoke\n\n${results.join("\n\n")}`];
}
