// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are GitHub's.
import { expect, test } from "vitest";
import { readAction } from "./read-action.ts";

const read = (text: string) => readAction({ name: "action.yml", text });

const cases: Record<string, { text: string; runs: unknown; says?: RegExp }> = {
  composite: {
    text: "name: a\ndescription: b\ninputs:\n  platforms: { description: c, required: true, default: linux/amd64 }\noutputs:\n  d: { description: e, value: '${{ steps.x.outputs.y }}' }\nruns:\n  using: composite\n  steps:\n    - { id: x, run: echo, shell: bash, if: \"inputs.platforms != ''\" }\n    - uses: docker/setup-buildx-action@v3\n",
    runs: { kind: "composite", steps: [{ if: { expression: "inputs.platforms != ''" } }, { uses: { target: { repo: "setup-buildx-action", ref: "v3" } } }] },
  },
  docker: { text: "name: a\ndescription: b\nruns:\n  using: docker\n  image: Dockerfile\n", runs: { kind: "docker", image: { text: "Dockerfile" } } },
  node: {
    text: "name: a\ndescription: b\nruns:\n  using: node24\n  main: dist/index.js\n",
    runs: { kind: "node", using: { text: "node24" }, main: { text: "dist/index.js" } },
  },
  "an unknown runtime": { text: "name: a\ndescription: b\nruns:\n  using: cobol\n", runs: { kind: "unknown" }, says: /cobol|determine/ },
  "a bad condition": {
    text: "name: a\ndescription: b\nruns:\n  using: composite\n  steps:\n    - { run: echo, shell: bash, if: 'a b' }\n",
    runs: { kind: "composite" },
    says: /a b|named-value|symbol/,
  },
};
for (const [name, { text, runs, says }] of Object.entries(cases)) {
  test(name, () => {
    const { action, complaints } = read(text);
    expect(action?.runs).toMatchObject(runs as object);
    const said = complaints.map(({ message }) => message).join("\n");
    if (says === undefined) expect(said).toBe("");
    else expect(said).toMatch(says);
  });
}

test("inputs and outputs", () => {
  const { action } = read(cases.composite?.text ?? "");
  expect(action?.inputs.map(({ name, required, default: value }) => [name.text, required, value?.text])).toEqual([["platforms", true, "linux/amd64"]]);
  expect(action?.outputs.map(({ name, value }) => [name.text, value?.expressions[0]?.text])).toEqual([["d", "steps.x.outputs.y"]]);
});

test("no YAML mapping is no action", () => {
  expect(read("- a\n").action).toBeUndefined();
  expect(read("a: [").complaints).not.toEqual([]);
});
