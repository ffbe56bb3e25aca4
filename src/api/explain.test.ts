import { describe, expect, test } from "vitest";
import { githubLog } from "../../test/harness/github-log.ts";
import { explainLog } from "../explain/explain-log.ts";
import type { Explanation } from "../explain/explanation.ts";
import { failures } from "../facts/failures.ts";
import type { Finding } from "../findings/finding.ts";
import { RULES } from "../rules/registry.ts";
import type { Workflow } from "../workflow/model.ts";
import { readWorkflow } from "../workflow/read-workflow.ts";
import { type Covers, locate } from "./interpret.ts";

const workflow = (name: string, text: string): Workflow => readWorkflow({ name, text }).workflow as Workflow;

const RELEASE = workflow(
  ".github/workflows/release.yaml",
  `on: push
jobs:
  api:
    name: API image
    runs-on: ubuntu-24.04
    strategy: {matrix: {v: [1, 2]}}
    steps:
      - uses: docker/build-push-action@v6
        with:
          platforms: linux/amd64,linux/arm64
          context: api
          tags: registry.test/api:\${{ github.ref_name }}
      - run: |
          docker push "\${{ env.NAME }}:1"
          echo done
  web:
    runs-on: ubuntu-24.04
    steps:
      - uses: docker/build-push-action@v6
        with: {platforms: "linux/amd64,linux/arm64", context: web, push: true}
      - run: make publish
`,
);
const CI = workflow(
  ".github/workflows/ci.yaml",
  "on: pull_request\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: docker/build-push-action@v5\n        with: {context: web}\n",
);

const MULTI = "##[error]buildx failed with: ERROR: Multi-platform build is not supported for the docker driver.";
const logOf = (run: string, inputs: Readonly<Record<string, string>> | undefined, prints = MULTI): Promise<Explanation> =>
  explainLog([githubLog([{ run, ...(inputs === undefined ? {} : { with: inputs }), prints }])]);
const BUILD = "docker/build-push-action@v6";

async function stepsOf(explanation: Explanation): Promise<string[]> {
  const [here] = locate(explanation, [CI, RELEASE], [], new Map());
  return (here?.steps ?? []).map(({ job, place }) => `${place.file.name} ${job}: ${place.file.text.slice(place.span.start).split("\n", 1)[0]}`);
}

describe("the step that a log tells of", () => {
  test.each([
    ["an action, by its inputs", BUILD, { context: "web", platforms: "linux/amd64,linux/arm64", push: "true" }, ["web"]],
    ["inputs with expressions", BUILD, { context: "api", tags: "registry.test/api:v1.2" }, ["api"]],
    ["an expression that cannot be so", BUILD, { tags: "other.test/api:v1.2", context: "api" }, []],
    ["inputs that fit two steps", BUILD, { platforms: "linux/amd64,linux/arm64" }, ["api", "web"]],
    ["another version", "docker/build-push-action@v4", { context: "web" }, []],
    ["a script", "make publish", undefined, ["web"]],
    ["a script's first line, with an expression", 'docker push "registry.test/app:1"', undefined, ["api"]],
    ["no step of ours", "make test", undefined, []],
  ])("%s", async (_, run, inputs, jobs) => {
    const steps = await stepsOf(await logOf(run, inputs));
    expect(steps.map((step) => step.replace(/^\S+ (\w+):.*/, "$1"))).toEqual(jobs);
  });

  test("the job's name decides, with or without its matrix row", async () => {
    const log = githubLog([{ run: BUILD, with: { platforms: "linux/amd64,linux/arm64" }, prints: MULTI }]);
    for (const [name, job] of [
      ["API image (2)", "api"],
      ["caller / web", "web"],
    ] as const) {
      const explanation = await explainLog([log.replace(/^/gm, `${name}\tUNKNOWN STEP\t`)]);
      expect((await stepsOf(explanation)).map((step) => step.split(/[ :]/)[1])).toEqual([job]);
    }
  });
});

test("what rules cover is in the catalogue", () => {
  expect(RULES.flatMap(({ meta }) => meta.covers).filter((id) => !failures().has(id))).toEqual([]);
});

describe("what doctor says of it", () => {
  const COVERS: Covers = new Map([
    ["driver-without-platforms", ["docker-driver-multi-platform"]],
    ["daemon-replaced", ["setup-docker-resets-builder"]],
    ["other", ["tag-needed-for-push"]],
  ]);
  const findingAt = (rule: string, needle: string): Finding => {
    const start = RELEASE.file.text.indexOf(needle);
    return {
      rule,
      severity: "error",
      confidence: "certain",
      message: rule,
      cause: "",
      facts: [],
      log: undefined,
      remedies: [],
      when: { always: true, scenarios: [], rows: [], condition: undefined },
      place: { file: RELEASE.file, span: { start, end: start + needle.length } },
    };
  };
  const api = findingAt("driver-without-platforms", "context: api");
  const web = findingAt("driver-without-platforms", "context: web");
  const daemon = findingAt("daemon-replaced", "name: API image");
  const other = findingAt("other", "context: api");

  test("findings of the same failure at the step", async () => {
    const explanation = await logOf(BUILD, { context: "web", platforms: "linux/amd64,linux/arm64" });
    expect(locate(explanation, [RELEASE], [api, web, daemon, other], COVERS)[0]?.findings).toEqual([web]);
  });

  test("by the chain of facts, too", async () => {
    const explained = { ...daemon, facts: [{ sentence: "this step builds", place: web.place }] };
    const explanation = await explainLog([
      githubLog([
        { run: "docker/setup-docker-action@v4", with: {} },
        { run: BUILD, with: { context: "web" }, prints: MULTI },
      ]),
    ]);
    expect(locate(explanation, [RELEASE], [web, explained], COVERS)[0]?.findings).toEqual([explained, web]);
  });

  test("all that cover it, where no step is known", async () => {
    const explanation = await explainLog([`${MULTI}\n`]);
    expect(locate(explanation, [RELEASE], [other, api, web], COVERS)[0]).toEqual({ steps: [], findings: [api, web] });
  });
});
