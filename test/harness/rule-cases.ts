// Cases of a rule, in its folder `cases/`. A case is
//   001-name.yml          a workflow
//   001-name.Dockerfile   a Dockerfile, built for amd64 and arm64 by a workflow that does all else right
//   001-name.hcl          a docker-bake.hcl, built by such a workflow
//   001-name/             a repository, built as a Dockerfile is where it has no workflow; `online.json` in it says what registries tell: { "docker.io/library/base:1": { "index": ["linux/amd64"] } },
//                         or { "image": "linux/amd64", "tagged": { "digest": "sha256:…", "holdsIt": true } } for an image without an index
// `expected.json` says what the rule finds in each, and nothing else of it may be found. A workflow may begin with `# as-of: 2025-06-01`.
// `001-name.fixed.yml` (a folder: `001-name.fixed/`, only the files that differ) is what the first safe fix of the first finding makes of it.
// UPDATE=1 writes expected.json, and the fixed files that are there.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { memoryFiles } from "../../src/adapters/memory/repository-files.ts";
import { diagnose } from "../../src/api/diagnose.ts";
import { loadGrammars } from "../../src/api/grammars.ts";
import { byCodeUnit } from "../../src/core/order.ts";
import { parsePlatform } from "../../src/core/platform.ts";
import { type Place, positionOf } from "../../src/core/span.ts";
import type { Finding, When } from "../../src/findings/finding.ts";
import { SYNTAX_RULE } from "../../src/findings/own-rules.ts";
import { type BaseImage, type BaseImages, NO_BASE_IMAGES, type TaggedIndex } from "../../src/rules/base-images.ts";
import type { Rule } from "../../src/rules/rule.ts";

/** The day whose runners are taken where a case does not say. */
const AS_OF = "2026-09-15";

export interface RuleCase {
  readonly name: string;
  /** By path. */
  readonly files: Readonly<Record<string, string>>;
  /** The file that positions without a path are of. */
  readonly main: string;
  readonly asOf: string;
  /** What registries tell. */
  readonly baseImages: BaseImages;
  /** Where its fixed form lies, and the texts of it that are there; undefined when there is none. */
  readonly fixed: { readonly at: string; readonly files: Readonly<Record<string, string>> } | undefined;
}

/** A finding as `expected.json` has it: without what its page and remedies say. */
export interface Expected {
  /** `LINE:COLUMN`, with the path before it where it is not the case's own file. */
  readonly at: string;
  readonly severity: string;
  readonly confidence: string;
  readonly message: string;
  /** Absent: always. */
  readonly when?: string;
  /** The predicted log's first line. */
  readonly log?: string;
  /** How each remedy begins. */
  readonly remedies?: readonly string[];
}

const WORKFLOW = ".github/workflows/build.yml";
const BEGINNING = `on: push
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v6
      - uses: docker/setup-qemu-action@v4
      - uses: docker/setup-buildx-action@v4
      - uses: docker/login-action@v4
        with:
          username: someone
          password: \${{ secrets.TOKEN }}
`;
const BUILDS = `${BEGINNING}      - uses: docker/build-push-action@v7
        with:
          context: .
          platforms: linux/amd64,linux/arm64
          push: true
          tags: someone/app:latest
`;
const BAKES = `${BEGINNING}      - uses: docker/bake-action@v7
        with:
          source: .
          push: true
`;

/** Every case of a rule's folder, by name. */
export function casesOf(ruleFolder: string): readonly RuleCase[] {
  const folder = join(ruleFolder, "cases");
  const names = existsSync(folder) ? readdirSync(folder).sort(byCodeUnit) : [];
  return names.filter((name) => /^\d/.test(name) && !/\.fixed(?:\.|$)/.test(name)).map((name) => caseAt(join(folder, name)));
}

function caseAt(path: string): RuleCase {
  const isFolder = statSync(path).isDirectory();
  const extension = isFolder ? "" : extname(path);
  const name = basename(path, extension);
  const { "online.json": online, ...given } = isFolder ? filesBelow(path) : single(extension, readFileSync(path, "utf8"));
  const workflow = Object.keys(given).find((file) => file.startsWith(".github/workflows/"));
  const files = workflow === undefined ? { ...given, [WORKFLOW]: BUILDS } : given;
  const main = (isFolder || extension === ".yml" ? workflow : undefined) ?? (Object.keys(files)[0] as string);
  const asOf = Object.values(files).flatMap((text) => /^# as-of: (\d{4}-\d\d-\d\d)$/m.exec(text)?.[1] ?? [])[0] ?? AS_OF;
  const at = join(dirname(path), `${name}.fixed${extension}`);
  const fixed = existsSync(at) ? { at, files: isFolder ? filesBelow(at) : { [main]: readFileSync(at, "utf8") } } : undefined;
  return { name, files, main, asOf, fixed, baseImages: online === undefined ? NO_BASE_IMAGES : baseImagesIn(online) };
}

type ToldImage = { readonly sure?: boolean } & (
  | { readonly index: readonly string[]; readonly open?: boolean }
  | { readonly image: string; readonly tagged?: TaggedIndex }
);

function baseImagesIn(text: string): BaseImages {
  const told = JSON.parse(text) as Readonly<Record<string, ToldImage>>;
  return new Map(
    Object.entries(told).map(([name, { sure = true, ...one }]): [string, BaseImage] => [
      name,
      "index" in one
        ? { kind: "index", digest: "", platforms: one.index.map((platform) => parsePlatform(platform)), open: one.open === true, sure }
        : { kind: "image", platform: parsePlatform(one.image), sure, tagged: one.tagged },
    ]),
  );
}

function single(extension: string, text: string): Readonly<Record<string, string>> {
  if (extension === ".yml") return { [WORKFLOW]: text };
  if (extension === ".Dockerfile") return { Dockerfile: text, [WORKFLOW]: BUILDS };
  if (extension === ".hcl") return { "docker-bake.hcl": text, [WORKFLOW]: BAKES };
  throw new Error(`a case is a .yml, .Dockerfile, .hcl or a folder, not ${extension}`);
}

function filesBelow(folder: string): Readonly<Record<string, string>> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort(byCodeUnit);
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** What a rule finds in a case. A case that cannot be read tests nothing: mistakes are only for those with `invalid` in their name. */
export async function findingsIn(one: RuleCase, rule: Rule): Promise<readonly Finding[]> {
  const { findings } = diagnose(memoryFiles(one.files), await loadGrammars(), { asOf: one.asOf, rules: [rule], baseImages: one.baseImages });
  const mistakes = findings.filter((finding) => finding.rule === SYNTAX_RULE).map((finding) => `${at(finding.place, one)}: ${finding.message}`);
  if (mistakes.length > 0 && !one.name.includes("invalid")) throw new Error(`the case cannot be read:\n${mistakes.join("\n")}`);
  return findings.filter((finding) => finding.rule === rule.meta.id);
}

export const expectedOf = (finding: Finding, one: RuleCase): Expected => ({
  at: at(finding.place, one),
  severity: finding.severity,
  confidence: finding.confidence,
  message: finding.message,
  ...(finding.when.always ? {} : { when: whenText(finding.when) }),
  ...(finding.log === undefined ? {} : { log: finding.log.lines[0] ?? "" }),
  ...(finding.remedies.length === 0 ? {} : { remedies: finding.remedies.map(({ title, fix }) => (fix === undefined ? title : `${title} (${fix.safety})`)) }),
});

function at({ file, span }: Place, one: RuleCase): string {
  const { line, column } = positionOf(file, span.start);
  return `${file.name === one.main ? "" : `${file.name}:`}${line}:${column}`;
}

const whenText = ({ scenarios, rows, condition }: When): string =>
  [scenarios.join("; "), ...(rows.length === 0 ? [] : [`rows ${rows.join("; ")}`]), ...(condition === undefined ? [] : [`if ${condition}`])].join(" | ");

/** By case. */
export function readExpected(ruleFolder: string): Readonly<Record<string, readonly Expected[]>> {
  const path = join(ruleFolder, "cases/expected.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, readonly Expected[]>) : {};
}

export const updates = (): boolean => process.env.UPDATE === "1";

export function writeExpected(ruleFolder: string, expected: Readonly<Record<string, readonly Expected[]>>): void {
  writeFileSync(join(ruleFolder, "cases/expected.json"), `${JSON.stringify(expected, null, 2)}\n`);
}

export function writeFixed(one: RuleCase, texts: Readonly<Record<string, string>>): void {
  if (one.fixed === undefined) return;
  for (const [path, text] of Object.entries(texts)) {
    const to = statSync(one.fixed.at).isDirectory() ? join(one.fixed.at, path) : one.fixed.at;
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, text);
  }
}
