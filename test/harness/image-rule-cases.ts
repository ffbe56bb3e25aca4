// Cases of an image rule, in its folder `cases/`: `001-name.yaml` is a made image (made-image-spec.ts tells its keys). `expected.json` says what the rule finds in
// each, and nothing else of it may be found. What other rules say of the same image, when it is worse than a remark, stands there too, under "others": an image
// that is to show one thing shows no second one unseen.
//   "001-name": { "findings": [{ at, severity, confidence, message, clause?, remedies? }], "others": ["error other-rule: message"] }
// UPDATE=1 writes expected.json.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { byCodeUnit } from "../../src/core/order.ts";
import { checkImage } from "../../src/verify/check.ts";
import type { ImageFinding, ImagePlace } from "../../src/verify/finding.ts";
import type { ImageRule } from "../../src/verify/rule.ts";
import type { MadeImage } from "./made-image-spec.ts";
import { readMade } from "./made-image-subject.ts";

export interface ImageRuleCase {
  readonly name: string;
  readonly image: MadeImage;
}

/** A finding as `expected.json` has it: without what its page and its remedies say. */
export interface ExpectedFinding {
  /** `linux/arm64, layer 2, /app +3`. */
  readonly at: string;
  readonly severity: string;
  readonly confidence: string;
  readonly message: string;
  readonly clause?: string;
  readonly facts?: readonly string[];
  /** How each remedy begins. */
  readonly remedies?: readonly string[];
}

export interface ExpectedCase {
  readonly findings: readonly ExpectedFinding[];
  readonly others?: readonly string[];
}

/** Every case of a rule's folder, by name. */
export function imageCasesOf(ruleFolder: string): readonly ImageRuleCase[] {
  const folder = join(ruleFolder, "cases");
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name !== "expected.json") : [];
  const strange = names.filter((name) => !/^\d{3}-[a-z0-9-]+\.yaml$/.test(name));
  if (strange.length > 0) throw new Error(`${folder}: ${strange.join(", ")} is no case; one is called 001-name.yaml`);
  return names.sort(byCodeUnit).map((name) => ({ name: basename(name, ".yaml"), image: parse(readFileSync(join(folder, name), "utf8")) as MadeImage }));
}

/** What a rule finds in a case, and what all others say of it. */
export async function imageFindingsIn(one: ImageRuleCase, rule: ImageRule, all: readonly ImageRule[]): Promise<ExpectedCase> {
  const findings = checkImage(await readMade(one.image), all.includes(rule) ? all : [...all, rule]);
  const others = findings.filter((finding) => finding.rule !== rule.meta.id && finding.severity !== "info").map(otherText);
  return {
    findings: findings.filter((finding) => finding.rule === rule.meta.id).map(expectedOf),
    ...(others.length === 0 ? {} : { others: [...new Set(others)].sort(byCodeUnit) }),
  };
}

const otherText = ({ severity, rule, message }: ImageFinding): string => `${severity} ${rule}: ${message}`;

const expectedOf = ({ at, severity, confidence, message, clause, facts, remedies }: ImageFinding): ExpectedFinding => ({
  at: placeText(at),
  severity,
  confidence,
  message,
  ...(clause === undefined ? {} : { clause: clause.name }),
  ...(facts.length === 0 ? {} : { facts }),
  ...(remedies.length === 0 ? {} : { remedies: remedies.map((remedy) => remedy.split(" ").slice(0, 8).join(" ")) }),
});

function placeText({ platform, document, layer, paths = [], pathCount }: ImagePlace): string {
  const rest = (pathCount ?? paths.length) - paths.length;
  const parts = [platform, document, layer === undefined ? undefined : `layer ${layer.number}`, ...paths, rest > 0 ? `+${rest}` : undefined];
  return parts.filter((part) => part !== undefined && part !== "").join(", ");
}

/** By case. */
export function readExpectedCases(ruleFolder: string): Readonly<Record<string, ExpectedCase>> {
  const path = join(ruleFolder, "cases/expected.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, ExpectedCase>) : {};
}

export function writeExpectedCases(ruleFolder: string, expected: Readonly<Record<string, ExpectedCase>>): void {
  writeFileSync(join(ruleFolder, "cases/expected.json"), `${JSON.stringify(expected, null, 2)}\n`);
}
