import { commandText } from "../../core/command-text.ts";
import type { RuleSummary } from "../../findings/doctor-report.ts";
import { fails } from "../../findings/severity.ts";
import type { ImageFinding } from "../../verify/finding.ts";
import type { VerifyReport } from "../../verify/report.ts";
import type { SmokeResult } from "../../verify/smoke.ts";
import { cleanLines } from "../clean.ts";
import { lastLines, layerText, pathsText, smokeText } from "./sentences.ts";

/**
 * What `verify` tells of an image as a JUnit report, for systems that show tests: a suite for the image and one for each platform, in it a case for each rule that
 * was asked. A case fails where a finding makes `verify` fail; what is milder stands in its output. A start that could not be tried here is skipped, never passed.
 */
export function verifyJunit(report: VerifyReport): string {
  const suites = [undefined, ...report.platforms.map(({ name }) => name)].map((platform) => suiteOf(report, platform));
  const sum = (pick: (suite: Suite) => number): number => suites.reduce((total, suite) => total + pick(suite), 0);
  const counts = ` tests="${sum(({ cases }) => cases.length)}" failures="${sum(({ failures }) => failures)}" errors="0" skipped="${sum(({ skipped }) => skipped)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(`multihull verify ${report.name}`)}"${counts}>`,
    ...suites.map(suiteText),
    "</testsuites>",
  ].join("\n");
}

const MOST_OUTPUT = 1000;
/** What they find is told of the start itself. */
const SMOKE_RULES = "smoke-";

interface Suite {
  readonly name: string;
  readonly cases: readonly string[];
  readonly failures: number;
  readonly skipped: number;
}

function suiteOf(report: VerifyReport, platform: string | undefined): Suite {
  const name = platform ?? "image";
  const own = report.findings.filter(({ at }) => at.platform === platform);
  const rules = report.rules
    .filter(({ id }) => !id.startsWith(SMOKE_RULES))
    .map((rule) => ({ rule, found: own.filter((finding) => finding.rule === rule.id) }));
  const smoke = (report.smoke ?? []).filter((result) => result.platform === platform);
  return {
    name,
    cases: [...rules.map(({ rule, found }) => ruleCase(rule, found, report, name)), ...smoke.map((result) => smokeCase(result, name))],
    failures:
      rules.filter(({ found }) => found.some((finding) => fails(finding, report.failOn))).length + smoke.filter(({ state }) => state === "failed").length,
    skipped: smoke.filter(({ state }) => state === "not-run").length,
  };
}

const suiteText = ({ name, cases, failures, skipped }: Suite): string =>
  [`  <testsuite name="${xml(name)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}">`, ...cases, "  </testsuite>"].join("\n");

function ruleCase({ id, summary }: RuleSummary, found: readonly ImageFinding[], { failOn }: VerifyReport, suite: string): string {
  const failing = found.filter((finding) => fails(finding, failOn));
  const milder = found.filter((finding) => !fails(finding, failOn));
  return caseText(`${id}: ${summary}`, suite, [
    ...(failing[0] === undefined
      ? []
      : [`<failure type="${xml(failing[0].severity)}" message="${xml(failing[0].message)}">${xml(failing.map(bodyOf).join("\n\n"))}</failure>`]),
    ...(milder.length === 0 ? [] : [`<system-out>${xml(milder.map(bodyOf).join("\n\n"))}</system-out>`]),
  ]);
}

function smokeCase(result: SmokeResult, suite: string): string {
  const said = xml(smokeText(result));
  const lines = lastLines(result.output, MOST_OUTPUT);
  const output = lines.length === 0 ? [] : [`<system-out>${xml(lines.join("\n"))}</system-out>`];
  const state =
    result.state === "passed" ? [] : [result.state === "failed" ? `<failure type="smoke" message="${said}">${said}</failure>` : `<skipped message="${said}"/>`];
  return caseText(commandText(["start", ...result.command]), suite, [...state, ...output]);
}

function caseText(name: string, suite: string, inner: readonly string[]): string {
  const head = `    <testcase name="${xml(name)}" classname="${xml(`multihull.verify.${suite}`)}"`;
  return inner.length === 0 ? `${head}/>` : [`${head}>`, ...inner.map((line) => `      ${line}`), "    </testcase>"].join("\n");
}

function bodyOf({ severity, confidence, message, at, facts, clause, cause, remedies }: ImageFinding): string {
  const paths = pathsText(at);
  return [
    `${severity}: ${message} (${confidence})`,
    ...(at.document === undefined || at.document === "" ? [] : [`document: ${at.document}`]),
    ...(at.layer === undefined ? [] : [`from: ${layerText(at.layer)}`]),
    ...(paths === undefined ? [] : [`at: ${paths}`]),
    ...facts.map((fact) => `because: ${fact}`),
    ...(clause === undefined ? [] : [`breaks: ${clause.name} ${clause.url}`]),
    ...(cause === "" ? [] : [`cause: ${cause}`]),
    ...remedies.map((remedy, i) => `${i === 0 ? "help" : "or"}: ${remedy}`),
  ].join("\n");
}

/** XML 1.0 has no way to write most control characters, half surrogates and two more. */
const xml = (text: string): string =>
  cleanLines(text)
    .replace(/\p{Surrogate}|[\ufffe\uffff]/gu, "\u{FFFD}")
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replaceAll("\n", "&#10;")
    .replaceAll("\t", "&#9;");
