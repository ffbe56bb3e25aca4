import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusFolder } from "../../test/harness/corpus.ts";
import { someOf } from "../../test/harness/some-of.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { loadGrammar } from "../adapters/node/grammars.ts";
import type { Finding } from "../findings/finding.ts";
import { type FixChoice, planFixes } from "../fix/plan.ts";
import { RULES } from "../rules/registry.ts";
import { containerdStore } from "../rules/remedies/containerd-store.ts";
import { setUpBuilder } from "../rules/remedies/set-up-builder.ts";
import type { Rule } from "../rules/rule.ts";
import { loadShellGrammar } from "../shell/grammar.ts";
import { builderOf } from "../simulate/builder-of.ts";
import type { Grammars } from "../simulate/create-readers.ts";
import { refusalsOf } from "../simulate/driver-checks.ts";
import { overlayFiles } from "../simulate/overlay-files.ts";
import { diagnose } from "./diagnose.ts";

/** What Buildx refuses, and nothing else: a rule to prove fixes by, without the registry's. */
const RULE: Rule = {
  meta: { id: "refused", summary: "Buildx refuses a build", severity: "error", confidence: "certain", fix: "always", covers: [] },
  build(at, report) {
    const [refusal] = refusalsOf(at.build, builderOf(at.build, at.event.before), at.event.before);
    if (refusal === undefined) return;
    report({ message: `Buildx refuses: ${refusal.feature}`, place: at.build.place, cause: "", remedies: [setUpBuilder(at), containerdStore(at)] });
  },
};

let grammars: Grammars = {};
beforeAll(async () => {
  grammars = { shell: await loadShellGrammar(loadGrammar) };
});

function mended(texts: Readonly<Record<string, string>>, choice: FixChoice, asOf = "2026-08-21", rules: readonly Rule[] = [RULE]) {
  const files = memoryFiles(texts);
  const check = (now: ReadonlyMap<string, string>): readonly Finding[] => diagnose(overlayFiles(files, now), grammars, { asOf, rules }).findings;
  return planFixes((path) => texts[path], check, choice);
}

const ci = ".github/workflows/ci.yml";
const job = (steps: string): string => `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${steps}`;
const build =
  "      - uses: docker/build-push-action@v6\n        with:\n          platforms: linux/amd64,linux/arm64\n          push: true\n          tags: ghcr.io/a/b\n";

describe("a fix proven by the simulation", () => {
  test("mends two builds of one job by one step", () => {
    const { applied, texts, remaining } = mended({ [ci]: job(build + build) }, { with: "buildx" });
    expect(texts.get(ci)).toBe(job(`      - uses: docker/setup-buildx-action@v4\n${build}${build}`));
    expect([applied.length, remaining]).toEqual([1, []]);
  });
  test("takes the containerd store", () => {
    const { texts } = mended({ [ci]: job(build) }, { with: "containerd" });
    expect(texts.get(ci)).toMatch(/containerd-snapshotter": true/);
  });
  test("reaches into a composite action", () => {
    const action = `name: x\nruns:\n  using: composite\n  steps:\n${build.replace(/^ {2}/gm, "")}`;
    const { texts } = mended({ [ci]: job("      - uses: actions/checkout@v4\n      - uses: ./build\n"), "build/action.yml": action }, {});
    expect([...texts.keys()]).toEqual(["build/action.yml"]);
    expect(texts.get("build/action.yml")).toBe(action.replace("    - uses", "    - uses: docker/setup-buildx-action@v4\n    - uses"));
  });
  test("reaches into a called workflow", () => {
    const called = job(build).replace("on: push", "on: workflow_call");
    const caller = "on: push\njobs:\n  c:\n    uses: ./.github/workflows/called.yml\n";
    const { texts } = mended({ [ci]: caller, ".github/workflows/called.yml": called }, {});
    expect(texts).toEqual(
      new Map([[".github/workflows/called.yml", called.replace("      - uses", "      - uses: docker/setup-buildx-action@v4\n      - uses")]]),
    );
  });
  test("makes nothing of what is right, and nothing more of what it mended", () => {
    const once = mended({ [ci]: job(build) }, {}).texts.get(ci) as string;
    expect(mended({ [ci]: once }, {})).toEqual({ applied: [], texts: new Map(), remaining: [] });
  });
  test("is not offered where the build's own configuration cannot be edited", () => {
    const text = job(
      `      - uses: docker/setup-docker-action@v4\n        with:\n          version: v28.0.4\n          daemon-config: \${{ vars.CONFIG }}\n${build}`,
    );
    const { texts, remaining } = mended({ [ci]: text }, { with: "containerd" });
    expect(texts.size).toBe(0);
    for (const { advice } of remaining) expect(advice.map(({ reason }) => reason)).toContain("it cannot be made by editing files alone");
  });
});

const pairs = corpusFolder("pairs");

interface Meta {
  readonly path: string;
  readonly date: string;
}

function pairOf(name: string): { readonly meta: Meta; readonly before: string; readonly after: string } {
  const folder = join(pairs, name);
  const text = (stem: string): string => readFileSync(join(folder, readdirSync(folder).find((file) => file.startsWith(`${stem}.`)) as string), "utf8");
  return { meta: JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")) as Meta, before: text("before"), after: text("after") };
}

test("KubeRay's release workflow gets what the project wrote, and on the file as mended there is nothing to do", (context) => {
  context.skip(!existsSync(pairs), `there is no corpus at ${pairs}`);
  const { meta, before, after } = pairOf("01-ray-project-kuberay");
  const { applied, texts, remaining } = mended({ [meta.path]: before }, { with: "buildx" }, meta.date);
  expect(texts.get(meta.path)).toBe(after);
  expect([applied.length, remaining]).toEqual([1, []]);
  expect(mended({ [meta.path]: after }, {}, meta.date).applied).toEqual([]);
});

test("real workflows that fail: what is mended is mended for good, and nothing else is touched", { timeout: 120_000 }, (context) => {
  context.skip(!existsSync(pairs), `there is no corpus at ${pairs}`);
  let count = 0;
  for (const name of readdirSync(pairs).filter((entry) => /^\d/.test(entry))) {
    const { meta, before } = pairOf(name);
    for (const way of ["buildx", "containerd"] as const) {
      const { applied, texts } = mended({ [meta.path]: before }, { with: way, unsafe: true }, meta.date);
      const after = texts.get(meta.path);
      expect(after !== undefined, name).toBe(applied.length > 0);
      if (after === undefined) continue;
      count++;
      expect(mended({ [meta.path]: after }, { with: way, unsafe: true }, meta.date).applied, `${name} ${way}`).toEqual([]);
    }
  }
  expect(count).toBeGreaterThan(0);
});

test("real workflows, every rule: what is mended is mended for good", { timeout: 900_000 }, (context) => {
  context.skip(!existsSync(pairs), `there is no corpus at ${pairs}`);
  const wild = join(pairs, "../wild");
  const texts = [
    ...readdirSync(pairs).flatMap((name) => (/^\d/.test(name) ? [pairOf(name).before] : [])),
    ...readdirSync(wild).flatMap((name) => (/\.ya?ml$/.test(name) ? [readFileSync(join(wild, name), "utf8")] : [])),
  ];
  for (const text of someOf(texts, 12)) {
    const { applied, texts: after } = mended({ [ci]: text }, { unsafe: true }, "2026-08-21", RULES);
    const now = after.get(ci);
    expect(now !== undefined).toBe(applied.length > 0);
    if (now !== undefined) expect(mended({ [ci]: now }, { unsafe: true }, "2026-08-21", RULES).applied.map(({ remedy }) => remedy.title)).toEqual([]);
  }
});
