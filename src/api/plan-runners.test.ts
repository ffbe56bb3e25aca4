import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusFolder } from "../../test/harness/corpus.ts";
import { updates } from "../../test/harness/rule-cases.ts";
import { someOf } from "../../test/harness/some-of.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { unifiedDiff } from "../fix/unified-diff.ts";
import { disproof } from "../rules/remedies/runners/prove.ts";
import type { Grammars } from "../simulate/create-readers.ts";
import type { WorkflowStudy } from "../simulate/trace.ts";
import { readWorkflow } from "../workflow/read-workflow.ts";
import { survey } from "./diagnose.ts";
import { loadGrammars } from "./grammars.ts";
import { planRunners, type RunnersPlan } from "./plan-runners.ts";

const CI = ".github/workflows/ci.yml";
const AS_OF = "2026-08-21";
const CASES = "src/rules/remedies/runners/cases";

let grammars: Grammars = {};
beforeAll(async () => {
  grammars = await loadGrammars();
});

const planned = (text: string, runners: "native" | "one", jobs: readonly string[] = []): RunnersPlan =>
  planRunners(memoryFiles({ [CI]: text }), grammars, { asOf: AS_OF }, { runners, jobs, canEdit: () => true });
const studied = (text: string): WorkflowStudy => survey(memoryFiles({ [CI]: text }), grammars, { asOf: AS_OF }).study.workflows[0] as WorkflowStudy;

/** What the plan makes of the workflow; its reason where nothing. */
function made(text: string, runners: "native" | "one", jobs?: readonly string[]): string {
  const plan = planned(text, runners, jobs);
  return plan.texts.get(CI) ?? plan.refused.map(({ job, reason }) => `${job}: ${reason}`).join("\n");
}

const cases = readdirSync(CASES).filter((name) => name.endsWith(".yml"));

describe("native runners", () => {
  test.each(cases)("%s becomes what lies beside it", (name) => {
    const text = readFileSync(join(CASES, name), "utf8");
    const golden = join(CASES, name.replace(".yml", ".diff"));
    const diff = unifiedDiff(CI, text, made(text, "native"));
    if (updates()) writeFileSync(golden, diff);
    expect(diff).toBe(readFileSync(golden, "utf8"));
    expect(readWorkflow({ name: CI, text: made(text, "native") }).complaints).toEqual([]);
  });

  test.each(cases)("%s there and back publishes what it did", (name) => {
    const text = readFileSync(join(CASES, name), "utf8");
    const there = planned(text, "native");
    const back = planned(there.texts.get(CI) as string, "one");
    expect(back.refused).toEqual([]);
    const after = back.texts.get(CI) as string;
    for (const { job } of there.made)
      expect(
        disproof(studied(text), studied(after), { job, jobs: [job], edit: { kind: "text", file: { name: CI, text }, replacements: [] }, changes: [] }, false),
      ).toBeUndefined();
    expect(planned(after, "native").refused).toEqual([]);
  });
});

/** A workflow of one job, with steps around its build. */
const job = (
  parts: { readonly head?: string; readonly before?: string; readonly build?: string; readonly after?: string; readonly others?: string } = {},
): string => `on:
  push:
    branches: [main]
  pull_request:
jobs:
  app:
    ${parts.head ?? "runs-on: ubuntu-24.04"}
    steps:
      - uses: actions/checkout@v6
${parts.before ?? ""}      - uses: docker/setup-buildx-action@v4
      - uses: docker/login-action@v4
        with:
          username: \${{ vars.USER }}
          password: \${{ secrets.TOKEN }}
      - uses: docker/build-push-action@v7
        with:
          context: .
${parts.build ?? "          platforms: linux/amd64,linux/arm64\n          push: true\n          tags: example/app:1\n"}${parts.after ?? ""}${parts.others ?? ""}`;
const builds = (lines: string): string => job({ build: lines.replace(/^/gm, "          ").replace(/ +$/, "") });

describe("what cannot be carried over wholly is left alone, and told why", () => {
  test.each<[string, string, RegExp]>([
    ["a matrix", job({ head: "runs-on: ubuntu-24.04\n    strategy:\n      matrix:\n        v: [1, 2]" }), /it has a matrix already/],
    ["a runner of one's own", job({ head: "runs-on: [self-hosted, linux]" }), /not one label/],
    ["a label that nobody knows", job({ head: "runs-on: big-machine" }), /"big-machine" is no Linux runner of GitHub/],
    ["a runner from an expression", job({ head: `runs-on: \${{ vars.RUNNER }}` }), /not one label that is written out/],
    ["a container", job({ head: "runs-on: ubuntu-24.04\n    container: docker:29" }), /runs in a container/],
    ["services", job({ head: "runs-on: ubuntu-24.04\n    services:\n      r:\n        image: registry:3" }), /has services/],
    ["a job that may fail", job({ head: "runs-on: ubuntu-24.04\n    continue-on-error: true" }), /it may fail/],
    ["a condition on how others ended", job({ head: `runs-on: ubuntu-24.04\n    if: \${{ always() }}` }), /asks how other jobs ended/],
    [
      "platforms of an input",
      builds(`platforms: \${{ vars.PLATFORMS || 'linux/amd64,linux/arm64' }}\npush: true\ntags: a/b:1\n`).replace("example", "example"),
      /nobody knows for which platforms/,
    ],
    [
      "other platforms in other runs",
      builds(`platforms: \${{ github.event_name == 'push' && 'linux/amd64,linux/arm64' || 'linux/amd64' }}\npush: true\ntags: a/b:1\n`),
      /other platforms in other runs/,
    ],
    ["nothing that is pushed", builds("platforms: linux/amd64,linux/arm64\ntags: a/b:1\n"), /pushes no image/],
    ["an archive", builds("platforms: linux/amd64,linux/arm64\noutputs: type=oci,dest=a.tar\ntags: a/b:1\n"), /other outputs/],
    ["no tag", builds("platforms: linux/amd64,linux/arm64\npush: true\n"), /it has no tags/],
    ["load", builds(`platforms: linux/amd64,linux/arm64\npush: true\nload: \${{ vars.LOAD }}\ntags: a/b:1\n`), /loads what it builds/],
    ["a cache elsewhere", builds("platforms: linux/amd64,linux/arm64\npush: true\ntags: a/b:1\ncache-to: type=s3,bucket=x,region=y\n"), /may not be shared/],
    ["a push under a secret", builds(`platforms: linux/amd64,linux/arm64\npush: \${{ secrets.TOKEN != '' }}\ntags: a/b:1\n`), /only where a secret is there/],
    [
      "two builds",
      job({ after: "      - uses: docker/build-push-action@v7\n        with:\n          push: true\n          tags: example/other:1\n" }),
      /several of its steps build/,
    ],
    ["a build in a script", job({ before: "      - run: docker build -t x .\n" }), /several of its steps build/],
    [
      "something that is published before",
      job({ before: "      - run: npm publish\n" }),
      /step 2 \("run"\) comes before the build and changes something outside/,
    ],
    ["an action that nobody knows before", job({ before: "      - uses: someone/something@v1\n" }), /nobody knows whether it may run once for each platform/],
    ["an action of the repository before", job({ before: "      - uses: ./prepare\n" }), /action of this repository/],
    [
      "an artifact before",
      job({ before: "      - uses: actions/upload-artifact@v6\n        with:\n          path: x\n" }),
      /nobody knows whether it may run once/,
    ],
    [
      "nodes of another machine",
      job().replace("setup-buildx-action@v4", "setup-buildx-action@v4\n        with:\n          driver: remote\n          endpoint: tcp://b:1"),
      /builder of other machines/,
    ],
    ["a step for failures", job({ after: "      - if: failure()\n        run: echo failed\n" }), /runs also when the build fails/],
    [
      "what only this build can tell",
      job({ after: `      - run: echo \${{ steps.b.outputs.metadata }}\n` }).replace("build-push-action@v7", "build-push-action@v7\n        id: b"),
      /metadata of the build/,
    ],
    [
      "a network that is watched",
      job({ before: "      - uses: step-security/harden-runner@v2\n        with:\n          egress-policy: block\n" }),
      /only some addresses/,
    ],
    [
      "a job that takes all artifacts",
      job({ others: "  release:\n    needs: app\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: actions/download-artifact@v6\n" }),
      /"release" downloads all artifacts/,
    ],
    ["an anchor", job().replace("      - uses: actions/checkout@v6", "      - &checkout\n        uses: actions/checkout@v6"), /anchors/],
  ])("%s", (_, text, reason) => {
    expect(readWorkflow({ name: CI, text }).complaints).toEqual([]);
    expect(made(text, "native")).toMatch(reason);
  });

  test("a reusable workflow, asked for by its job", () => {
    const text = "on: push\njobs:\n  call:\n    uses: ./.github/workflows/other.yml\n";
    expect(made(text, "native", ["call"])).toBe("call: it calls a reusable workflow, which has to be changed itself");
  });
  test("jobs that build one platform are no business of it", () => {
    expect(planned(builds("platforms: linux/amd64\npush: true\ntags: a/b:1\n"), "native")).toEqual({ made: [], refused: [], texts: new Map() });
    expect(planned(job(), "one")).toEqual({ made: [], refused: [], texts: new Map() });
  });
  test("a file that cannot be written back", () => {
    const plan = planRunners(memoryFiles({ [CI]: job() }), grammars, { asOf: AS_OF }, { runners: "native", jobs: [], canEdit: () => false });
    expect([plan.refused.map(({ reason }) => reason), plan.texts.size]).toEqual([["its file is not in UTF-8"], 0]);
  });
});

describe("details", () => {
  test("line ends stay as they are", () => {
    const after = made(job().replaceAll("\n", "\r\n"), "native");
    expect(after).not.toMatch(/[^\r]\n/);
    expect(after.replaceAll("\r\n", "\n")).toBe(made(job(), "native"));
  });
  test("a job that waits goes on to wait, and none needs another word", () => {
    const others = "  test:\n    needs: app\n    runs-on: ubuntu-24.04\n    steps:\n      - run: docker run example/app:1\n";
    const after = made(job({ others }), "native");
    expect(after.endsWith(others)).toBe(true);
    expect(after).toContain("  app:\n    needs: app-platform\n");
  });
  test("an id that is taken is not taken twice", () => {
    const others = "  app-platform:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo\n";
    expect(made(job({ others }), "native")).toContain("  app-platform-2:\n");
  });
  test("where nothing is published the steps are left out, but the job goes on where others wait for it", () => {
    const push = `          platforms: linux/amd64,linux/arm64\n          push: \${{ github.event_name == 'push' }}\n          tags: example/app:1\n`;
    const alone = readWorkflow({ name: CI, text: made(job({ build: push }), "native") }).workflow?.jobs[1];
    expect(alone?.if?.expression).toBe("github.event_name == 'push'");
    const others = "  test:\n    needs: app\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo\n";
    const awaited = readWorkflow({ name: CI, text: made(job({ build: push, others }), "native") }).workflow?.jobs[1];
    expect(awaited?.if).toBeUndefined();
    expect(awaited?.steps.filter((step) => step.if?.expression === "github.event_name == 'push'")).toHaveLength(2);
  });
  test("two jobs of one file, each on what the other left", () => {
    const second = job().slice(job().indexOf("  app:")).replace("  app:", "  tool:").replace("example/app", "example/tool");
    const plan = planned(job({ others: second }), "native");
    expect(plan.made.map(({ jobs }) => jobs)).toEqual([
      ["app-platform", "app"],
      ["tool-platform", "tool"],
    ]);
    expect(planned(job({ others: second }), "native", ["tool"]).made.map(({ job: id }) => id)).toEqual(["tool"]);
  });
  test("what an action leaves in the environment is left there for the joining job too", () => {
    const before = "      - uses: rlespinasse/github-slug-action@v5\n";
    const build = `          platforms: linux/amd64,linux/arm64\n          push: true\n          tags: example/app:\${{ env.GITHUB_REF_SLUG }}\n`;
    const joins = readWorkflow({ name: CI, text: made(job({ before, build }), "native") }).workflow?.jobs[1];
    expect(joins?.steps.some((step) => step.uses?.scalar.text.startsWith("rlespinasse/"))).toBe(true);
  });
  test("what is spread is not spread again", () => expect(planned(made(job(), "native"), "native")).toEqual({ made: [], refused: [], texts: new Map() }));
});

describe("one runner, of what Docker's documentation writes", () => {
  const documented = readFileSync(join(CASES, "one/documented.yml"), "utf8");
  const create = /docker buildx imagetools create[^\n]*\n[^\n]*/;

  test("becomes what lies beside it", () => {
    const golden = join(CASES, "one/documented.diff");
    const diff = unifiedDiff(CI, documented, made(documented, "one"));
    if (updates()) writeFileSync(golden, diff);
    expect(diff).toBe(readFileSync(golden, "utf8"));
  });

  test("is one job with a list of platforms and the joining job's tags", () => {
    const [only, ...others] = readWorkflow({ name: CI, text: made(documented, "one") }).workflow?.jobs ?? [];
    expect(others).toEqual([]);
    expect([only?.id.text, only?.runsOn?.labels.map(({ text }) => text), only?.strategy]).toEqual(["merge", ["ubuntu-latest"], undefined]);
    expect(only?.steps.map((step) => step.uses?.scalar.text.replace(/@.*/, "") ?? step.name?.text)).toEqual([
      "docker/metadata-action",
      "docker/login-action",
      "docker/setup-qemu-action",
      "docker/setup-buildx-action",
      "docker/build-push-action",
      "Inspect",
    ]);
    const given = only?.steps[4]?.with.map(({ key, value }) => [key.text, value.kind === "scalar" ? value.text : ""]);
    expect(Object.fromEntries(given ?? [])).toEqual({
      platforms: "linux/amd64,linux/arm64",
      tags: `\${{ steps.meta.outputs.tags }}`,
      push: "true",
      labels: `\${{ steps.meta.outputs.labels }}`,
      "cache-to": "type=gha,scope=build",
    });
    expect(only?.steps[0]?.with.map(({ key }) => key.text)).toEqual(["images", "tags"]);
  });

  test.each<[string, string, RegExp]>([
    ["rows of more than platforms", documented.replace("platform: linux/arm64", "platform: linux/amd64"), /more than platforms/],
    [
      "tags that only the script knows",
      documented.replace(create, () => "docker buildx imagetools create -t \"example/app:$TAG\" $(printf 'example/app@sha256:%s ' *)"),
      /nobody knows under which tags/,
    ],
    [
      "something else that each row leaves",
      documented.replace("name: digests-", "name: logs-").replace("path: /tmp/digests/*", "path: /tmp/logs"),
      /stands behind the build of each platform/,
    ],
    [
      "a checkout of another kind",
      documented
        .replace("      - name: Prepare", "      - uses: actions/checkout@v6\n      - name: Prepare")
        .replace(
          "      - uses: actions/download-artifact@v4",
          "      - uses: actions/checkout@v6\n        with:\n          fetch-depth: 0\n      - uses: actions/download-artifact@v4",
        ),
      /check out in different ways/,
    ],
    ["other rights", documented.replace("    needs: build", "    needs: build\n    permissions:\n      packages: write"), /have other permissions/],
    [
      "a wait for something else",
      documented
        .replace("    needs: build", "    needs: [build, other]")
        .replace("jobs:\n", "jobs:\n  other:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo\n"),
      /waits for "other" too/,
    ],
    ["a script that does more", documented.replace(create, (all) => `${all}\n          ./announce.sh`), /something else too: ".\/announce.sh"/],
    [
      "a job that waits for the builds",
      `${documented}  lint:\n    needs: build\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo\n`,
      /"lint" waits for "build"/,
    ],
  ])("%s is refused", (_, text, reason) => {
    expect(readWorkflow({ name: CI, text }).complaints).toEqual([]);
    expect(made(text, "one")).toMatch(reason);
  });
});

test("real workflows: what is made is proven, and is not made twice; the rest is told why", { timeout: 300_000 }, (context) => {
  const wild = corpusFolder("wild");
  context.skip(!existsSync(wild), `there is no corpus at ${wild}`);
  let count = 0;
  const texts = readdirSync(wild).flatMap((name) => (/\.ya?ml$/.test(name) ? [readFileSync(join(wild, name), "utf8")] : []));
  for (const text of someOf(texts, 16)) {
    const there = planned(text, "native");
    for (const { reason } of there.refused) expect(reason).toMatch(/^[^A-Z].*[^.]$/s);
    const after = there.texts.get(CI);
    if (after === undefined) continue;
    count++;
    expect(planned(after, "native").made).toEqual([]);
    const back = planned(after, "one");
    const [was, is] = [studied(text), studied(back.texts.get(CI) ?? after)];
    const returned = back.made.filter(({ job }) => there.made.some((one) => one.job === job));
    for (const { job } of returned)
      expect(disproof(was, is, { job, jobs: [job], edit: { kind: "text", file: { name: CI, text }, replacements: [] }, changes: [] }, false)).toBeUndefined();
  }
  expect(count).toBeGreaterThan(0);
});
