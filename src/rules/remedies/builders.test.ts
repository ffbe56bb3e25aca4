import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { corpusFolder } from "../../../test/harness/corpus.ts";
import { MADE_ENVIRONMENT, madeStudy, NOWHERE, textsOf, withBuild } from "../../../test/harness/made-study.ts";
import type { Remedy } from "../../findings/finding.ts";
import { applyFix } from "../../fix/apply.ts";
import type { Build, Operation } from "../../simulate/operation.ts";
import type { Event, Trace, TracedStep } from "../../simulate/trace.ts";
import { readWorkflow } from "../../workflow/read-workflow.ts";
import { scenariosOf } from "../../workflow/scenario.ts";
import type { BuildEvent } from "../rule.ts";
import { containerdStore } from "./containerd-store.ts";
import { setUpBuilder } from "./set-up-builder.ts";

const emptyBuild = withBuild(madeStudy("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: a\n", { a: [{ scenario: "push main" }] }), {})
  .workflows[0]?.jobs[0]?.traces[0]?.events[0]?.operation as Build;

/** What a step of a made walk does. */
type Doing = readonly [step: number, operation: { readonly kind: string } & Partial<Omit<Build, "kind">>];

/** A walk of a job in which the last of what is done is the build that fails. */
function failing(text: string, job: string, done: readonly Doing[], asOf = "2026-08-21"): BuildEvent {
  const { workflow } = readWorkflow({ name: "x.yml", text });
  const [scenario] = workflow === undefined ? [] : scenariosOf(workflow);
  const made = madeStudy(text, { [job]: [{ scenario: scenario?.id ?? "" }] });
  const bare = made.workflows.flatMap(({ jobs }) => jobs).flatMap(({ traces }) => traces)[0] as Trace;
  const steps = bare.steps.map((step): TracedStep => ({ ...step, action: step.step.uses?.scalar.text.split("@")[0]?.toLowerCase() }));
  const events = done.map(([index, asked]): Event => {
    const step = steps[index] as TracedStep;
    const operation = { ...(asked.kind === "build" ? emptyBuild : {}), place: NOWHERE, ...asked } as unknown as Operation;
    return { operation, step, before: MADE_ENVIRONMENT, after: MADE_ENVIRONMENT, sure: true };
  });
  const trace: Trace = { ...bare, steps, events, asOf };
  const event = events.find(({ operation }) => operation.kind === "build" && operation.platforms.items.length > 1) as BuildEvent["event"];
  return { build: event.operation, event, trace };
}

const MANY = { kind: "build", platforms: textsOf("linux/amd64", "linux/arm64") } as const;
const file = ".github/workflows/ci.yml";

function made(remedy: Remedy, text: string): string | undefined {
  const outcome = remedy.fix && applyFix(remedy.fix, () => text);
  return outcome === undefined || "refused" in outcome ? outcome?.refused : outcome.texts.get(file);
}

const job = (steps: string, more = ""): string => `on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n${more}    steps:\n${steps}`;
const build = "      - uses: docker/build-push-action@v6\n        with:\n          platforms: linux/amd64,linux/arm64\n";
const buildx = "      - uses: docker/setup-buildx-action@v4\n";
const qemu = "      - uses: docker/setup-qemu-action@v4\n";
const config =
  '        with:\n          daemon-config: |\n            {\n              "features": {\n                "containerd-snapshotter": true\n              }\n            }\n';

describe("a Buildx builder", () => {
  test("is set up directly before the build", () => {
    const text = job(`      - run: a\n${build}`);
    const remedy = setUpBuilder(failing(text, "a", [[1, MANY]]));
    expect(made(remedy, text)).toBe(job(`      - run: a\n${buildx}${build}`));
    expect(remedy.fix).toMatchObject({ with: "buildx", safety: "safe" });
  });
  test("comes with emulators where programs run", () => {
    const text = job(build);
    expect(made(setUpBuilder(failing(text, "a", [[0, MANY]]), { emulate: true }), text)).toBe(job(qemu + buildx + build));
  });
  test("has the build's condition", () => {
    const text = job(`${build}        if: github.ref_type == 'tag'\n      - run: b\n`);
    expect(made(setUpBuilder(failing(text, "a", [[0, MANY]])), text)).toBe(
      job(`${buildx.replace("\n", "\n        if: github.ref_type == 'tag'\n")}${build}        if: github.ref_type == 'tag'\n      - run: b\n`),
    );
  });
  test("has no condition where a later build for platforms has another", () => {
    const text = job(`${build}        if: github.ref_type == 'tag'\n${build}        if: github.ref_type == 'branch'\n`);
    expect(made(setUpBuilder(failing(text, "a", [[0, MANY]])), text)).toBe(
      job(`${buildx}${build}        if: github.ref_type == 'tag'\n${build}        if: github.ref_type == 'branch'\n`),
    );
  });
  test("is called by `docker buildx build`, and not safe where the image stays in the builder", () => {
    const run = "      - run: docker build --platform linux/amd64,linux/arm64 -t x .\n";
    const text = job(run);
    const start = text.indexOf("docker build");
    const at = (push: boolean): BuildEvent => {
      const place = { file: { name: file, text }, span: { start, end: start + 30 } };
      return failing(text, "a", [[0, { ...MANY, through: "docker build", place, push: { value: push, atoms: [], place: undefined } }]]);
    };
    expect(made(setUpBuilder(at(true)), text)).toBe(job(buildx + run.replace("docker build", "docker buildx build")));
    expect([setUpBuilder(at(true)).fix?.safety, setUpBuilder(at(false)).fix?.safety]).toEqual(["safe", "unsafe"]);
  });
  test("is not safe where a later image would not be in Docker's store any more", () => {
    const text = job(`${build}      - uses: docker/build-push-action@v6\n`);
    expect(
      setUpBuilder(
        failing(text, "a", [
          [0, MANY],
          [1, { kind: "build" }],
        ]),
      ).fix?.safety,
    ).toBe("unsafe");
    expect(
      setUpBuilder(
        failing(text, "a", [
          [0, MANY],
          [1, { kind: "build", load: { value: true, atoms: [], place: undefined } }],
        ]),
      ).fix?.safety,
    ).toBe("safe");
  });
  test("is advice where it stands there already", () => {
    expect(setUpBuilder(failing(job(buildx + build), "a", [[1, MANY]])).fix).toBeUndefined();
  });
});

describe("the containerd image store", () => {
  test("is turned on in the Docker that a step sets up, as little as can be", () => {
    const step = "      - uses: docker/setup-docker-action@v4\n";
    const text = job(`${step}      - run: a\n${build}`);
    const remedy = containerdStore(failing(text, "a", [[2, MANY]]));
    expect(made(remedy, text)).toBe(job(`${step}${config}      - run: a\n${build}`));
    expect(remedy.fix).toMatchObject({ with: "containerd", safety: "safe" });
  });
  test("is added to the configuration that is there", () => {
    const step = (json: string) => `      - uses: docker/setup-docker-action@v4\n        with:\n          Daemon-Config: '${json}'\n`;
    const text = job(step('{"debug": true}') + build);
    expect(made(containerdStore(failing(text, "a", [[1, MANY]])), text)).toBe(job(step('{"debug":true,"features":{"containerd-snapshotter":true}}') + build));
  });
  test("is of a new Docker, before the first step that uses it, with emulators where programs run", () => {
    const text = job(`      - run: a\n      - run: docker pull x\n${build}`);
    const docker = `      - uses: docker/setup-docker-action@v5\n${config}`;
    const done: readonly Doing[] = [
      [1, { kind: "pull-image" }],
      [2, MANY],
    ];
    expect(made(containerdStore(failing(text, "a", done), { emulate: true }), text)).toBe(
      job(`      - run: a\n${docker}${qemu}      - run: docker pull x\n${build}`),
    );
  });
  test("is not safe beside services, which run on the other Docker", () => {
    const text = job(build, "    services:\n      r:\n        image: registry:2\n");
    expect(containerdStore(failing(text, "a", [[0, MANY]])).fix?.safety).toBe("unsafe");
  });
  test("is advice where the step's release takes no configuration, and where none did at the time", () => {
    const of = (ref: string) => containerdStore(failing(job(`      - uses: docker/setup-docker-action@${ref}\n${build}`), "a", [[1, MANY]])).fix;
    expect([of("v1.2.0"), of("v1.3.0") === undefined, of("v1") === undefined]).toEqual([undefined, false, false]);
    expect(containerdStore(failing(job(build), "a", [[0, MANY]], "2023-03-10")).fix).toBeUndefined();
    expect(containerdStore(failing(job(build), "a", [[0, MANY]], "2022-03-10")).fix).toBeUndefined();
  });
  test("is advice where an expression makes the configuration", () => {
    const text = job(`      - uses: docker/setup-docker-action@v4\n        with:\n          daemon-config: \${{ inputs.x }}\n${build}`);
    expect(containerdStore(failing(text, "a", [[1, MANY]])).fix).toBeUndefined();
  });
});

describe("KubeRay's release workflow", () => {
  const pair = corpusFolder("pairs/01-ray-project-kuberay");
  const has = existsSync(pair);
  const at = (): { readonly event: BuildEvent; readonly text: string } => {
    const text = readFileSync(join(pair, "before.yml"), "utf8");
    return {
      event: failing(
        text,
        "release_operator_image",
        [
          [10, { kind: "build", through: "docker build" }],
          [14, MANY],
        ],
        "2025-06-06",
      ),
      text,
    };
  };
  test("gets the three lines that the project wrote (not run where there is no corpus)", (context) => {
    context.skip(!has, `there is no ${pair}`);
    const { event, text } = at();
    expect(made(setUpBuilder(event), text)).toBe(readFileSync(join(pair, "after.yml"), "utf8"));
  });
  test("gets the other way as eight lines below the step that sets Docker up (not run where there is no corpus)", (context) => {
    context.skip(!has, `there is no ${pair}`);
    const { event, text } = at();
    const step = "    - name: Set up Docker\n      uses: docker/setup-docker-action@v4\n";
    const job = text.indexOf("release_operator_image");
    const behind = text.indexOf(step, job) + step.length;
    const lines = config.replace(/^ {2}/gm, "");
    expect(made(containerdStore(event), text)).toBe(text.slice(0, behind) + lines + text.slice(behind));
  });
});
