import { describe, expect, test } from "vitest";
import { type EditStep, edited, jobOf as job } from "../../../test/harness/edited-step.ts";
import { addInputs, removeInput, renameInput, sequenceToText, setInput } from "./inputs.ts";
import { addPermission, setRunsOn } from "./jobs.ts";
import { addLogIn } from "./log-in.ts";

type Case = readonly [name: string, before: string, edit: EditStep, after: string];
const table = (cases: readonly Case[]): void => test.each(cases)("%s", (_, before, edit, after) => expect(edited(before, edit)).toBe(after));

const step = (inputs: string): string => job(`      - uses: a@v1\n        with:\n${inputs}`);

describe("an input", () => {
  table([
    ["gets another value in its style", step("          Push: 'false' # c\n"), (at) => setInput(at(0), "push", "true"), step("          Push: 'true' # c\n")],
    ["gets a boolean", step("          push: no\n"), (at) => setInput(at(0), "push", true), step("          push: true\n")],
    [
      "is added behind the others",
      step("          push: true\n"),
      (at) => setInput(at(0), "load", false),
      step("          push: true\n          load: false\n"),
    ],
    [
      "is added with `with`",
      job("      - uses: a@v1\n        id: x\n"),
      (at) => addInputs(at(0), { b: "c" }),
      job("      - uses: a@v1\n        with:\n          b: c\n        id: x\n"),
    ],
    ["is added into an empty `with`", job("      - uses: a@v1\n        with:\n"), (at) => addInputs(at(0), { b: "c" }), step("          b: c\n")],
    [
      "is added into braces",
      job("      - {uses: a@v1, with: {x: 1}}\n"),
      (at) => addInputs(at(0), { b: "c" }),
      job("      - {uses: a@v1, with: {x: 1, b: c}}\n"),
    ],
    ["is not added when one is given", step("          B: 1\n"), (at) => addInputs(at(0), { a: "x", b: "c" }), "undefined"],
    ["is left when it has the value", step("          b: c\n"), (at) => setInput(at(0), "b", "c"), "undefined"],
    ["is left when it is a sequence", step("          b: [c]\n"), (at) => setInput(at(0), "b", "c"), "undefined"],
    [
      "gets another name, its value and comment untouched",
      step("          plattforms: |  # all\n            linux/amd64\n"),
      (at) => renameInput(at(0), "plattforms", "platforms"),
      step("          platforms: |  # all\n            linux/amd64\n"),
    ],
    ["gets another name in its quotes", step('          "tag": x\n'), (at) => renameInput(at(0), "tag", "tags"), step('          "tags": x\n')],
    ["keeps its name when the other is given", step("          tag: x\n          tags: y\n"), (at) => renameInput(at(0), "tag", "tags"), "undefined"],
    ["is taken out with its comment", step("          a: x\n          # why\n          b: y\n"), (at) => removeInput(at(0), "B"), step("          a: x\n")],
    ["is taken out with `with` when it was the only one", step("          a: x\n"), (at) => removeInput(at(0), "a"), job("      - uses: a@v1\n")],
    ["is not taken out when it is not there", step("          a: x\n"), (at) => removeInput(at(0), "b"), "undefined"],
    [
      "a sequence becomes text",
      step("          platforms:\n            - linux/amd64\n            - linux/arm64\n          push: true\n"),
      (at) => sequenceToText(at(0), "platforms"),
      step("          platforms: linux/amd64,linux/arm64\n          push: true\n"),
    ],
    [
      "a sequence in brackets becomes text, CRLF",
      step("          platforms: [a, b]\n").replaceAll("\n", "\r\n"),
      (at) => sequenceToText(at(0), "platforms"),
      step("          platforms: a,b\n").replaceAll("\n", "\r\n"),
    ],
    [
      "a sequence becomes lines",
      step("          tags:\n          - a,b\n          - c\n"),
      (at) => sequenceToText(at(0), "tags", "\n"),
      step("          tags: |\n            a,b\n            c\n"),
    ],
    ["a sequence of more than scalars stays", step("          tags:\n          - [a]\n"), (at) => sequenceToText(at(0), "tags"), "undefined"],
    [
      "a sequence with comments is refused",
      step("          tags:\n          - a # x\n          - b\n"),
      (at) => sequenceToText(at(0), "tags"),
      "refused: there are comments within jobs.a.steps[0].with.tags",
    ],
  ]);
});

describe("a job", () => {
  const ofJob =
    (edit: (place: ReturnType<Parameters<EditStep>[0]>) => ReturnType<EditStep>): EditStep =>
    (at) =>
      edit({ file: at(0).file, route: at(0).route.slice(0, 2) });
  const permission = ofJob((place) => addPermission(place, "packages", "write"));
  const steps = "    steps:\n      - uses: a@v1\n";
  table([
    [
      "runs on another runner",
      job("      - uses: a@v1\n"),
      ofJob((place) => setRunsOn(place, "ubuntu-24.04-arm")),
      `jobs:\n  a:\n    runs-on: ubuntu-24.04-arm\n${steps}`,
    ],
    [
      "runs on another only label",
      `jobs:\n  a:\n    runs-on: [x] # c\n${steps}`,
      ofJob((place) => setRunsOn(place, "y")),
      `jobs:\n  a:\n    runs-on: [y] # c\n${steps}`,
    ],
    ["runs where an expression says", `jobs:\n  a:\n    runs-on: \${{ matrix.os }}\n${steps}`, ofJob((place) => setRunsOn(place, "y")), "undefined"],
    [
      "gets permissions of its own",
      `jobs:\n  a:\n    runs-on: x # c\n${steps}`,
      permission,
      `jobs:\n  a:\n    runs-on: x # c\n    permissions:\n      contents: read\n      packages: write\n${steps}`,
    ],
    [
      "gets one more",
      `jobs:\n  a:\n    permissions:\n      contents: read\n${steps}`,
      permission,
      `jobs:\n  a:\n    permissions:\n      contents: read\n      packages: write\n${steps}`,
    ],
    ["gets more of one", `permissions: {packages: read}\njobs:\n  a:\n${steps}`, permission, `permissions: {packages: write}\njobs:\n  a:\n${steps}`],
    ["has it already", `permissions: {packages: write}\njobs:\n  a:\n${steps}`, permission, "undefined"],
    ["has them all", `permissions: write-all\njobs:\n  a:\n${steps}`, permission, "undefined"],
  ]);
});

describe("a log-in", () => {
  test("at GitHub's registry is with the job's token", () => {
    expect(edited(job("      - name: B\n        uses: docker/build-push-action@v7\n"), (at) => addLogIn(at(0), "ghcr.io", "2026-08-21"))).toBe(
      job(
        `      - name: Log in to ghcr.io\n        uses: docker/login-action@v4\n        with:\n          registry: ghcr.io\n          username: \${{ github.actor }}\n          password: \${{ secrets.GITHUB_TOKEN }}\n      - name: B\n        uses: docker/build-push-action@v7\n`,
      ),
    );
  });
  test("elsewhere is not made up", () => expect(edited(job("      - uses: a@v1\n"), (at) => addLogIn(at(0), "quay.io", "2026-08-21"))).toBe("undefined"));
});
