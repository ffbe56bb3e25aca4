import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { disproof } from "../rules/remedies/runners/prove.ts";
import type { Grammars } from "../simulate/create-readers.ts";
import type { WorkflowStudy } from "../simulate/trace.ts";
import { readWorkflow } from "../workflow/read-workflow.ts";
import { survey } from "./diagnose.ts";
import { loadGrammars } from "./grammars.ts";
import { planRunners, type RunnersPlan } from "./plan-runners.ts";

const CI = ".github/workflows/ci.yml";
const AS_OF = "2026-08-21";

let grammars: Grammars = {};
beforeAll(async () => {
  grammars = await loadGrammars();
});

const planned = (text: string, runners: "native" | "one"): RunnersPlan =>
  planRunners(memoryFiles({ [CI]: text }), grammars, { asOf: AS_OF }, { runners, jobs: [], canEdit: () => true });
const studied = (text: string): WorkflowStudy => survey(memoryFiles({ [CI]: text }), grammars, { asOf: AS_OF }).study.workflows[0] as WorkflowStudy;

/** What a job that can be spread may be made of. */
const parts = fc.record({
  label: fc.constantFrom("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "ubuntu-24.04-arm", "[ubuntu-24.04]"),
  job: fc.subarray([
    "    name: An image",
    "    timeout-minutes: 30",
    "    permissions: { contents: read, packages: write }",
    "    if: github.repository == 'a/b'",
    "    needs: before",
    "    env: { IMAGE: ghcr.io/a/b }",
    `    concurrency: one-\${{ github.ref }}`,
    `    outputs: { digest: "\${{ steps.it.outputs.digest }}" }`,
  ]),
  before: fc.subarray([
    "      - uses: actions/checkout@v6 # all of it",
    "      - run: echo VERSION=1 >> $GITHUB_ENV",
    "      - name: Emulators\n        uses: docker/setup-qemu-action@v4",
    "      # of the builder\n      - uses: docker/setup-buildx-action@v4",
  ]),
  logIn: fc.constantFrom("", "        if: github.event_name == 'push'\n"),
  platforms: fc.constantFrom(
    "linux/amd64,linux/arm64",
    "linux/arm64,linux/arm/v7,linux/amd64",
    "|\n            linux/amd64\n            linux/arm64\n            linux/s390x",
  ),
  tags: fc.constantFrom(
    "ghcr.io/a/b:1",
    "ghcr.io/a/b:1,ghcr.io/a/c:1",
    `|\n            ghcr.io/a/b:\${{ github.sha }}\n            ghcr.io/a/b:latest`,
    `\${{ steps.meta.outputs.tags }}`,
  ),
  push: fc.constantFrom(
    "push: true",
    `push: \${{ github.event_name == 'push' }}`,
    `push: \${{ github.event_name != 'pull_request' && vars.PUSH == 'yes' }}`,
    "outputs: type=registry",
  ),
  inputs: fc.subarray([
    "          cache-from: type=gha",
    "          cache-to: type=registry,ref=ghcr.io/a/b:cache,mode=max",
    "          provenance: false",
    `          labels: \${{ steps.meta.outputs.labels }}`,
    "          annotations: index:org.example.a=b",
  ]),
  after: fc.subarray(["      - run: echo done", "      - name: Look\n        run: docker buildx imagetools inspect ghcr.io/a/b:1", "      - run: ./smoke.sh"]),
});
type Parts = typeof parts extends fc.Arbitrary<infer T> ? T : never;

const written = ({ label, job, before, logIn, platforms, tags, push, inputs, after }: Parts): string =>
  [
    "on:\n  push:\n    branches: [main]\n  pull_request:\njobs:\n  before:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: echo",
    `  it:\n    runs-on: ${label}`,
    ...job,
    "    steps:",
    ...before,
    `      - uses: docker/login-action@v4\n${logIn}        with:\n          registry: ghcr.io\n          username: a\n          password: \${{ secrets.GITHUB_TOKEN }}`,
    "      - uses: docker/metadata-action@v6\n        id: meta\n        with:\n          images: ghcr.io/a/b",
    `      - uses: docker/build-push-action@v7\n        id: it\n        with:\n          platforms: ${platforms}\n          ${push}\n          tags: ${tags}`,
    ...inputs,
    ...after,
    "  after:\n    runs-on: ubuntu-24.04\n    needs: it\n    steps:\n      - run: echo\n",
  ].join("\n");

test("there and back, a workflow publishes in every scenario what it did; nothing else of the file changes, and no complaint comes", {
  timeout: 120_000,
}, () => {
  let made = 0;
  const property = fc.property(parts, (given) => {
    const text = written(given);
    expect(readWorkflow({ name: CI, text }).complaints).toEqual([]);
    const there = planned(text, "native");
    const spread = there.texts.get(CI);
    // Without Buildx nothing is pushed by digest, and what was wrong before is no business of it.
    if (spread === undefined) {
      expect(there.refused.map(({ reason }) => reason)).toEqual([expect.stringMatching(/driver|QEMU|emulator|Buildx/i)]);
      return;
    }
    made++;
    const [head, tail] = [text.slice(0, text.indexOf("  it:\n")), text.slice(text.indexOf("  after:\n"))];
    const { texts, refused } = planned(spread, "one");
    expect(refused).toEqual([]);
    const back = texts.get(CI) ?? "";
    for (const now of [spread, back]) {
      expect(readWorkflow({ name: CI, text: now }).complaints).toEqual([]);
      expect([now.startsWith(head), now.endsWith(tail)]).toEqual([true, true]);
    }
    const change = { job: "it", jobs: ["it"], edit: { kind: "text", file: { name: CI, text }, replacements: [] }, changes: [] } as const;
    expect(disproof(studied(text), studied(back), change, false)).toBeUndefined();
  });
  fc.assert(property, { numRuns: 10 });
  expect(made).toBeGreaterThan(0);
});
