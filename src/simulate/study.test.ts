import { describe, expect, test } from "vitest";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { loadGrammar } from "../adapters/node/grammars.ts";
import { lazyShellGrammar } from "../shell/grammar.ts";
import { createReaders } from "./create-readers.ts";
import type { Operation } from "./operation.ts";
import { studyRepository } from "./study.ts";
import { shownText } from "./text.ts";
import type { Study, Trace } from "./trace.ts";

type Files = Readonly<Record<string, string>>;

const study = (files: Files, paths?: readonly string[]): Study =>
  studyRepository(createReaders(memoryFiles(files)), { asOf: "2026-08-21", paths, facts: { repository: "owner/name", defaultBranch: "main" } });

/** One workflow's traces: `scenario: job [row] {assumed}: steps → operations`. */
const walked = (workflow: string, files: Files = {}): readonly string[] => printed(study({ ".github/workflows/w.yml": workflow, ...files }));

const shellGrammar = lazyShellGrammar(loadGrammar);

/** The same, with scripts read. */
async function scripted(workflow: string, files: Files = {}): Promise<readonly string[]> {
  const readers = createReaders(memoryFiles({ ".github/workflows/w.yml": workflow, ...files }), { shell: await shellGrammar() });
  return printed(studyRepository(readers, { asOf: "2026-08-21" }));
}

const printed = (all: Study): readonly string[] =>
  all.workflows.flatMap((each) => each.jobs.flatMap((job) => [...job.traces.map(printedTrace), ...(job.cut ? ["(cut)"] : [])]));

function printedTrace(trace: Trace): string {
  const row = trace.row.name === "" ? "" : ` [${trace.row.name}]`;
  const assumed = trace.assumed.length === 0 ? "" : ` {${trace.assumed.map(({ atom, value }) => `${value ? "" : "not "}${atom}`).join("; ")}}`;
  const from = trace.calledFrom.map(({ route }) => `${route.at(-1)} > `).join("");
  const steps = trace.steps.filter(({ runs }) => runs !== "no").map(({ step, runs }) => (step.id?.text ?? "-") + (runs === "maybe" ? "?" : ""));
  const events = trace.events.map(({ operation }) => shown(operation)).filter((text) => text !== "");
  return `${trace.scenario.id}: ${from}${trace.job.id.text}${row}${assumed}: ${steps.join(" ")}${events.length === 0 ? "" : ` → ${events.join(", ")}`}`;
}

function shown(operation: Operation): string {
  if (operation.kind === "check-out") return "";
  if (operation.kind !== "build") return operation.kind;
  return `build(${[...operation.platforms.items, ...operation.tags.items].map(shownText).join(" ")}${operation.push.value === true ? " push" : ""})`;
}

const BUILD = "docker/build-push-action@v6";
const BUILDX = "docker/setup-buildx-action@v3";

describe("scenarios and conditions", () => {
  test("each event, with what its conditions let run", () => {
    expect(
      walked(`
on:
  push: { branches: [main], tags: ["v*"] }
  pull_request:
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - { id: out, uses: actions/checkout@v4 }
      - { id: buildx, uses: ${BUILDX}, if: github.event_name == 'push' }
      - { id: login, uses: docker/login-action@v3, if: "startsWith(github.ref, 'refs/tags/')" }
      - { id: fork, uses: ${BUILD}, if: github.event.pull_request.head.repo.fork == true }
      - { id: failed, uses: ${BUILD}, if: failure() }
      - { id: after, uses: actions/cache@v4, if: always() }
`),
    ).toEqual([
      "push main: image: out buildx after → create-builder",
      "push tag v1.2.3: image: out buildx login after → create-builder, log-in",
      "pull_request from the same repository: image: out after",
      "pull_request from a fork: image: out fork after → build()",
    ]);
  });

  test("each choice of inputs", () => {
    expect(
      walked(`
on:
  workflow_dispatch:
    inputs:
      push: { type: boolean, default: false }
      platforms: { type: choice, options: ["linux/amd64", "linux/amd64,linux/arm64"] }
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - { id: build, uses: ${BUILD}, with: { platforms: "\${{ inputs.platforms }}", push: "\${{ inputs.push }}" } }
`),
    ).toEqual([
      "workflow_dispatch with its defaults: image: build → build(linux/amd64)",
      "workflow_dispatch with push = true: image: build → build(linux/amd64 push)",
      "workflow_dispatch with platforms = linux/amd64,linux/arm64: image: build → build(linux/amd64 linux/arm64)",
    ]);
  });

  test("a job that is skipped takes those along that need it, but for always()", () => {
    expect(
      walked(`
on: { push: { branches: [main] }, merge_group: }
jobs:
  last: { needs: release, runs-on: ubuntu-24.04, steps: [{ id: last, run: "true" }] }
  anyway: { needs: release, if: always(), runs-on: ubuntu-24.04, steps: [{ id: "no", if: "needs.release.result == 'success'", run: "true" }, { id: anyway, run: "true" }] }
  after: { needs: anyway, runs-on: ubuntu-24.04, steps: [{ id: after, run: "true" }] }
  release: { needs: test, if: github.event_name == 'push', runs-on: ubuntu-24.04, steps: [{ id: release, run: "true" }] }
  test: { runs-on: ubuntu-24.04, steps: [{ id: test, run: "true" }] }
`),
    ).toEqual([
      "push main: last: last",
      "push main: anyway: no anyway",
      "merge_group: anyway: anyway",
      "push main: after: after",
      "push main: release: release",
      "push main: test: test",
      "merge_group: test: test",
    ]);
  });
});

describe("what is not known", () => {
  test("splits the walk where it matters, the same way everywhere", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - { id: note, run: echo hello, if: vars.IMAGE != '' }
      - { id: buildx, uses: ${BUILDX}, if: vars.IMAGE != '' }
      - { id: cache, uses: actions/cache@v4, if: vars.CACHE }
      - { id: build, uses: ${BUILD}, if: vars.IMAGE }
`),
    ).toEqual(["push main: image {vars.IMAGE}: note buildx cache? build → create-builder, build()", "push main: image {not vars.IMAGE}: cache?"]);
  });

  test("a comparison that holds tells the value to others", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - { id: a, uses: ${BUILDX}, if: vars.KIND == 'a' }
      - { id: b, uses: ${BUILDX}, if: vars.KIND == 'b' }
      - { id: build, uses: ${BUILD}, with: { tags: "x:\${{ vars.KIND }}" } }
`),
    ).toEqual([
      "push main: image {vars.KIND == 'a'}: a build → create-builder, build(x:a)",
      "push main: image {not vars.KIND == 'a'; vars.KIND == 'b'}: b build → create-builder, build(x:b)",
      `push main: image {not vars.KIND == 'a'; not vars.KIND == 'b'}: build → build(x:\${{ vars.KIND }})`,
    ]);
  });

  test("an input that hangs on a condition is seen both ways", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-24.04
    env: { MULTI: "\${{ contains(github.event.head_commit.message, 'multi') }}" }
    steps:
      - { id: build, uses: ${BUILD}, with: { platforms: "\${{ env.MULTI == 'true' && 'linux/amd64,linux/arm64' || 'linux/amd64' }}" } }
      - { id: more, uses: ${BUILD}, if: "contains(github.event.head_commit.message, 'multi')" }
`),
    ).toEqual([
      "push main: image {contains(github.event.head_commit.message, 'multi')}: build more → build(linux/amd64 linux/arm64), build()",
      "push main: image {not contains(github.event.head_commit.message, 'multi')}: build → build(linux/amd64)",
    ]);
  });

  test("an environment variable is what it is made of", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
env: { KIND: "\${{ vars.KIND }}" }
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - { id: a, uses: ${BUILDX}, if: env.KIND == 'a' }
      - { id: b, uses: ${BUILD}, if: vars.KIND == 'a' }
`),
    ).toEqual(["push main: image {vars.KIND == 'a'}: a b → create-builder, build()", "push main: image {not vars.KIND == 'a'}: "]);
  });

  test("twenty conditions are not a million ways", () => {
    const steps = Array.from({ length: 20 }, (_, i) => `      - { id: s${i}, uses: ${BUILD}, if: vars.V${i} == 'x' }`).join("\n");
    const [job] =
      study({ ".github/workflows/w.yml": `on: { push: { branches: [main] } }\njobs:\n  image:\n    runs-on: ubuntu-24.04\n    steps:\n${steps}\n` })
        .workflows[0]?.jobs ?? [];
    expect(job?.cut).toBe(true);
    expect(job?.traces.length).toBe(32);
    expect(job?.traces.at(-1)?.steps.filter(({ runs }) => runs === "maybe").length).toBeGreaterThan(10);
  });
});

describe("what steps hand on", () => {
  test("outputs and variables reach later conditions, in GitHub's order of precedence", async () => {
    expect(
      await scripted(`
on: { push: { branches: [main] } }
env: { A: workflow, B: workflow, C: workflow, D: workflow }
jobs:
  image:
    runs-on: ubuntu-24.04
    env: { B: job, C: job, D: job }
    steps:
      - { id: set, run: 'echo "C=handed" >> "$GITHUB_ENV"; echo "D=handed" >> "$GITHUB_ENV"; echo "kind=multi" >> "$GITHUB_OUTPUT"' }
      - { id: a, if: env.A == 'workflow', run: "true" }
      - { id: b, if: env.B == 'job', run: "true" }
      - { id: c, if: env.C == 'handed', run: "true" }
      - { id: d, if: env.D == 'step', env: { D: step }, run: "true" }
      - { id: e, if: steps.set.outputs.kind == 'multi' && steps.set.outcome == 'success', run: "true" }
      - { id: never, if: steps.set.outputs.kind == 'other' || steps.later.outcome, run: "true" }
`),
    ).toEqual(["push main: image: set a b c d e → set-variable, set-variable"]);
  });

  test("outputs of a needed job, known and unknown", async () => {
    expect(
      await scripted(`
on: { push: { branches: [main] } }
jobs:
  find:
    runs-on: ubuntu-24.04
    outputs: { kind: "\${{ steps.s.outputs.kind }}", sum: "\${{ steps.s.outputs.sum }}", changed: "\${{ steps.f.outputs.src }}" }
    steps:
      - { id: s, run: 'echo "kind=multi" >> "$GITHUB_OUTPUT"; echo "sum=$(md5sum x)" >> "$GITHUB_OUTPUT"' }
      - { id: f, uses: dorny/paths-filter@v3 }
  image:
    needs: find
    if: needs.find.outputs.changed == 'true'
    runs-on: ubuntu-24.04
    steps:
      - { id: multi, uses: ${BUILD}, if: needs.find.outputs.kind == 'multi', with: { tags: "x:\${{ needs.find.outputs.sum }}" } }
      - { id: single, uses: ${BUILD}, if: needs.find.outputs.kind != 'multi' }
`),
    ).toEqual(["push main: find: s f", `push main: image {needs.find.outputs.changed == 'true'}: multi → build(x:\${{ needs.find.outputs.sum }})`]);
  });

  test("a job that may not run takes its dependents along", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
jobs:
  one: { if: vars.ONE, runs-on: ubuntu-24.04, steps: [{ id: one, uses: ${BUILDX} }] }
  two: { needs: one, runs-on: ubuntu-24.04, steps: [{ id: two, if: vars.ONE, uses: ${BUILD} }] }
`),
    ).toEqual(["push main: one {vars.ONE}: one → create-builder", "push main: two {vars.ONE}: two → build()"]);
  });
});

describe("matrices", () => {
  test("every row is a walk of its own", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: \${{ matrix.runner }}
    strategy: { matrix: { platform: [linux/amd64, linux/arm64], include: [{ runner: ubuntu-24.04 }, { platform: linux/arm64, runner: ubuntu-24.04-arm }] } }
    steps:
      - { id: build, uses: ${BUILD}, with: { platforms: "\${{ matrix.platform }}", tags: "\${{ runner.arch }}" } }
`),
    ).toEqual(["push main: image [linux/amd64]: build → build(linux/amd64 X64)", "push main: image [linux/arm64]: build → build(linux/arm64 ARM64)"]);
  });

  test("a matrix that hangs on a condition is seen both ways", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-24.04
    strategy: { matrix: { platform: "\${{ fromJSON(vars.ARM == 'yes' && '[\\"linux/amd64\\",\\"linux/arm64\\"]' || '[\\"linux/amd64\\"]') }}" } }
    steps: [{ id: build, uses: ${BUILD}, with: { platforms: "\${{ matrix.platform }}" } }]
`),
    ).toEqual([
      "push main: image [linux/amd64] {vars.ARM == 'yes'}: build → build(linux/amd64)",
      "push main: image [linux/arm64] {vars.ARM == 'yes'}: build → build(linux/arm64)",
      "push main: image [linux/amd64] {not vars.ARM == 'yes'}: build → build(linux/amd64)",
    ]);
  });
});

describe("composite actions", () => {
  const SET_UP = `
name: set up
inputs:
  buildx: { default: "true" }
  platforms: { required: true }
  event: { default: "\${{ github.event_name }}" }
outputs:
  list: { value: "\${{ steps.pick.outputs.list }}" }
runs:
  using: composite
  steps:
    - { id: builder, if: inputs.buildx == 'true', uses: ${BUILDX} }
    - { id: pick, shell: bash, env: { LIST: "\${{ inputs.platforms }}" }, run: 'echo "list=$LIST" >> "$GITHUB_OUTPUT"' }
    - { id: pushed, if: inputs.event == 'push' && env.OUTER == 'yes', shell: bash, run: "true" }
`;
  const USE = `
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - { id: setup, uses: ./.github/actions/set-up, env: { OUTER: "yes" }, with: { platforms: "linux/amd64,linux/arm64" } }
      - { id: bare, uses: ./.github/actions/set-up, with: { platforms: linux/s390x, buildx: false } }
      - { id: build, uses: ${BUILD}, with: { platforms: "\${{ steps.setup.outputs.list }}" } }
`;

  test("are walked with their inputs, and hand outputs back", async () => {
    const files = { ".github/workflows/w.yml": USE, ".github/actions/set-up/action.yml": SET_UP };
    expect(await scripted(USE, files)).toEqual([
      "push main: image: setup builder pick pushed bare pick build → create-builder, build(linux/amd64 linux/arm64)",
    ]);
    const [trace] = study(files).workflows[0]?.jobs[0]?.traces ?? [];
    expect(trace?.steps[1]).toMatchObject({ action: "docker/setup-buildx-action", index: 1, runs: "yes" });
    expect(trace?.steps[1]?.place.file.name).toBe(".github/actions/set-up/action.yml");
    expect(trace?.steps[1]?.place.route).toEqual(["runs", "steps", 0]);
    expect(trace?.steps[1]?.calledFrom.map(({ route }) => route)).toEqual([["jobs", "image", "steps", 0]]);
  });

  test("by themselves stand behind steps that nobody knows", () => {
    const all = study({ "action.yml": SET_UP }, ["action.yml"]);
    expect(printed(all)).toEqual([
      "use with its defaults: runs: builder pick pushed? → create-builder",
      "use with inputs of the caller's: runs {inputs.buildx == 'true'}: builder pick pushed? → create-builder",
      "use with inputs of the caller's: runs {not inputs.buildx == 'true'}: pick pushed?",
    ]);
    const [trace] = all.workflows[0]?.jobs[0]?.traces ?? [];
    expect(trace?.start.doubts.map(({ sentence }) => sentence)).toEqual(["nobody knows what runs before this action"]);
    expect(trace?.steps[0]?.place.route).toEqual(["runs", "steps", 0]);
  });

  test("that use themselves are complained about", () => {
    const loop = (to: string) => `runs: { using: composite, steps: [{ id: ${to}, uses: ./${to} }] }`;
    const all = study({
      ".github/workflows/w.yml": "on: push\njobs: { j: { runs-on: ubuntu-24.04, steps: [{ id: s, uses: ./a }] } }",
      "a/action.yml": loop("b"),
      "b/action.yaml": loop("a"),
    });
    expect(all.complaints.map(({ message }) => message)).toContain('the action "./a" uses itself: "./a" → "./b" → "./a"');
    expect(all.complaints.filter(({ message }) => message.includes("uses itself"))).toHaveLength(1);
  });
});

describe("reusable workflows", () => {
  const CALLED = `
on:
  workflow_call:
    inputs: { push: { type: boolean }, platforms: { type: string, default: linux/amd64 } }
    outputs: { done: { value: "\${{ jobs.build.outputs.done }}" } }
    secrets: { TOKEN: { required: true } }
jobs:
  build:
    runs-on: ubuntu-24.04
    outputs: { done: "\${{ inputs.push && 'pushed' || 'built' }}" }
    steps:
      - { id: login, if: inputs.push, uses: docker/login-action@v3, with: { username: me, password: "\${{ secrets.TOKEN }}" } }
      - { id: build, uses: ${BUILD}, with: { platforms: "\${{ inputs.platforms }}", push: "\${{ inputs.push }}" } }
`;
  const CALLER = `
on: { push: { branches: [main] }, pull_request: }
jobs:
  image:
    uses: ./.github/workflows/called.yml
    with: { push: "\${{ github.event_name == 'push' }}", platforms: "linux/amd64,linux/arm64" }
    secrets: inherit
  tell:
    needs: image
    if: needs.image.outputs.done == 'pushed'
    runs-on: ubuntu-24.04
    steps: [{ id: tell, run: "true" }]
`;

  test("are walked with the caller's event, once", () => {
    const all = study({ ".github/workflows/called.yml": CALLED, ".github/workflows/caller.yml": CALLER });
    expect(printed(all)).toEqual([
      "push main: image > build: login build → log-in, build(linux/amd64 linux/arm64 push)",
      "pull_request from the same repository: image > build: build → build(linux/amd64 linux/arm64)",
      "pull_request from a fork: image > build: build → build(linux/amd64 linux/arm64)",
      "push main: tell: tell",
    ]);
    expect(all.workflows.map(({ file, jobs }) => [file.name, jobs.map(({ traces }) => traces.length)])).toEqual([
      [".github/workflows/called.yml", [0]],
      [".github/workflows/caller.yml", [3, 1]],
    ]);
  });

  test("that nobody calls are walked by themselves", () => {
    expect(printed(study({ ".github/workflows/called.yml": CALLED }))).toEqual([
      "workflow_call with its defaults: build: build → build(linux/amd64)",
      `workflow_call with inputs of the caller's: build {inputs.push}: login build → log-in, build(\${{ inputs.platforms }} push)`,
      `workflow_call with inputs of the caller's: build {not inputs.push}: build → build(\${{ inputs.platforms }})`,
    ]);
  });

  test("that call themselves are complained about", () => {
    const all = study({
      ".github/workflows/a.yml": "on: workflow_call\njobs: { a: { uses: ./.github/workflows/b.yml } }",
      ".github/workflows/b.yml": "on: workflow_call\njobs: { b: { uses: ./.github/workflows/a.yml } }",
    });
    expect(all.complaints.map(({ message }) => message)).toEqual(['the workflow ".github/workflows/a.yml" calls itself']);
  });
});

describe("what nobody knows", () => {
  test("is a doubt, unless it is known to be harmless", () => {
    expect(
      walked(`
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-24.04
    steps:
      - { id: fine, uses: actions/setup-node@v4 }
      - { id: strange, uses: someone/something@v1 }
      - { id: docker, uses: "docker://alpine:3" }
      - { id: absent, uses: ./not/there }
      - { id: remote, if: steps.strange.outputs.x == 'y', uses: actions/cache@v4 }
  call: { uses: someone/something/.github/workflows/x.yml@v1 }
`),
    ).toEqual(["push main: image: fine strange docker absent remote? → doubt, doubt, doubt"]);
  });

  test("files that are not there or no workflow", () => {
    const all = study({ ".github/workflows/w.yml": "nothing", "x.yml": "on: push\njobs: {}" }, [".github/workflows/w.yml", "x.yml", "y.yml"]);
    expect(all.workflows.map(({ file }) => file.name)).toEqual(["x.yml"]);
    expect(all.complaints.map(({ message }) => message)).toContain('there is no file "y.yml"');
  });
});

test("services and containers are part of the machine", () => {
  const all = study({
    ".github/workflows/w.yml": `
on: { push: { branches: [main] } }
jobs:
  image:
    runs-on: ubuntu-24.04
    container: { image: "golang:1" }
    services: { registry: { image: "registry:2", ports: ["5000:5000"] } }
    steps: [{ run: "true" }]
`,
  });
  const start = all.workflows[0]?.jobs[0]?.traces[0]?.start;
  expect(start?.services.map(({ image, ports, fact }) => [shownText(image), ports.items.map(shownText), fact.sentence])).toEqual([
    ["registry:2", ["5000:5000"], 'the service "registry" runs "registry:2"'],
  ]);
  expect(start?.runner.container && shownText(start.runner.container)).toBe("golang:1");
});

test("scenarios that a job cannot tell apart share one walk", () => {
  const all = study({
    ".github/workflows/w.yml": `
on: { push: { branches: [main, dev] }, schedule: [{ cron: "0 0 * * *" }] }
jobs:
  same: { runs-on: ubuntu-24.04, steps: [{ uses: ${BUILD} }] }
  other: { runs-on: ubuntu-24.04, steps: [{ uses: ${BUILD}, with: { tags: "x:\${{ github.ref_name }}" } }] }
`,
  });
  const [same, other] = all.workflows[0]?.jobs ?? [];
  expect(new Set(same?.traces.map(({ steps }) => steps)).size).toBe(1);
  expect(same?.traces.map(({ scenario }) => scenario.id)).toEqual(["push main", "push dev", "schedule"]);
  expect(new Set(other?.traces.map(({ steps }) => steps)).size).toBe(2);
});
