import { describe, expect, test } from "vitest";
import type { Step } from "../../../workflow/model.ts";
import { readWorkflow } from "../../../workflow/read-workflow.ts";
import { carriedSteps, staysWithBuild } from "./carried.ts";

/** Steps of a job, each a line or several, by their `uses` or the first line of their `run`. */
function stepsOf(...yaml: readonly string[]): { readonly file: { name: string; text: string }; readonly steps: readonly Step[] } {
  const text = `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n${yaml.map((step) => `      - ${step.replaceAll("\n", "\n        ")}\n`).join("")}`;
  const file = { name: "ci.yml", text };
  return { file, steps: readWorkflow(file).workflow?.jobs[0]?.steps ?? [] };
}

const CHECKOUT = "uses: actions/checkout@v6";
const LOG_IN = "uses: docker/login-action@v4";
const QEMU = "uses: docker/setup-qemu-action@v4";

function carried(before: readonly string[], after: readonly string[] = [], texts: readonly string[] = [], given: readonly string[] = []): readonly string[] {
  const { file, steps } = stepsOf(...before, ...after);
  const kept = carriedSteps(file, steps.slice(0, before.length), texts, steps.slice(before.length), new Set(given));
  return steps.filter((step) => kept.has(step)).map((step) => step.uses?.scalar.text.replace(/@.*/, "") ?? step.run?.text ?? "");
}

describe("steps that the joining job repeats", () => {
  test("log-ins and the builder, and nothing that only a build needs", () =>
    expect(carried([CHECKOUT, QEMU, "uses: docker/setup-buildx-action@v4", "uses: actions/cache@v5", LOG_IN, "run: make"])).toEqual([
      "docker/setup-buildx-action",
      "docker/login-action",
    ]));
  test("what is named, and what that names", () =>
    expect(
      carried(
        ["id: a\nrun: echo v=1 >> $GITHUB_OUTPUT", `id: meta\nuses: docker/metadata-action@v6\nwith:\n  tags: \${{ steps.a.outputs.v }}`, "id: b\nrun: echo"],
        [],
        [`\${{ steps.meta.outputs.tags }}`],
      ),
    ).toEqual(["echo v=1 >> $GITHUB_OUTPUT", "docker/metadata-action"]));
  test("what writes to the environment", () => expect(carried(["run: echo V=1 >> $GITHUB_ENV", "run: make"])).toEqual(["echo V=1 >> $GITHUB_ENV"]));
  test("all before a script, which may look at it", () =>
    expect(carried([CHECKOUT, "run: make", QEMU, LOG_IN], ["run: ./smoke.sh"])).toEqual(["actions/checkout", "make", "docker/login-action"]));
  test.each(["run: echo done", `run: echo "\${{ steps.it.outputs.digest }}" >> "$GITHUB_STEP_SUMMARY"`, "run: |\n  # says\n  echo a\n  echo $GITHUB_SHA"])(
    "nothing for %j, which only prints",
    (step) => expect(carried([CHECKOUT, "run: make"], [step])).toEqual([]),
  );
  test.each(["run: echo $VERSION", "run: echo $(cat version)", "run: echo x > file", "uses: ./local", "uses: someone/unknown@v1", "run: echo `cat v`"])(
    "all for %j",
    (step) => expect(carried([CHECKOUT, "run: make"], [step])).toEqual(["actions/checkout", "make"]),
  );
  test("all for a variable that some step left", () => {
    expect(carried(["uses: someone/sets-variables@v1"], [], [`a/b:\${{ env.SLUG }}`])).toEqual(["someone/sets-variables"]);
    expect(carried(["uses: someone/sets-variables@v1"], [], [`a/b:\${{ env.SLUG }}`], ["slug"])).toEqual([]);
  });
});

test("what keeps a cache stays with the build", () => {
  const { steps } = stepsOf("uses: actions/cache/save@v5", "run: mv /tmp/c-new /tmp/c", `run: mv /tmp/c \${{ steps.x.outputs.y }}`, "run: echo");
  expect(steps.map((step) => staysWithBuild(step, "/tmp/c-new"))).toEqual([true, true, false, false]);
  expect(steps.map((step) => staysWithBuild(step, undefined))).toEqual([true, false, false, false]);
});
