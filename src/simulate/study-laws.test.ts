import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { loadGrammar } from "../adapters/node/grammars.ts";
import { lazyShellGrammar } from "../shell/grammar.ts";
import { createReaders } from "./create-readers.ts";
import { studyRepository } from "./study.ts";
import { MOST_TRACES } from "./walk-limits.ts";

const WORKFLOW = `name: images
on:
  push: { branches: [main], tags: ["v*"] }
  pull_request:
  workflow_dispatch: { inputs: { push: { type: boolean, default: true } } }
env:
  PLATFORMS: \${{ github.event_name == 'push' && 'linux/amd64,linux/arm64' || 'linux/amd64' }}
jobs:
  find:
    runs-on: ubuntu-latest
    outputs: { list: "\${{ steps.find.outputs.list }}" }
    steps:
      - id: find
        run: |
          echo "list=$(ls images)" >> "$GITHUB_OUTPUT"
          echo "NAME=x" >> "$GITHUB_ENV"
  image:
    needs: [find]
    if: needs.find.outputs.list != '' && !cancelled()
    runs-on: \${{ matrix.runner }}
    strategy:
      matrix:
        runner: [ubuntu-24.04, ubuntu-24.04-arm]
        image: \${{ fromJSON(needs.find.outputs.list) }}
    services: { registry: { image: "registry:2", ports: ["5000:5000"] } }
    steps:
      - uses: actions/checkout@v4
      - { id: setup, uses: ./.github/actions/set-up, with: { driver: docker-container } }
      - { uses: docker/login-action@v3, if: "\${{ secrets.TOKEN != '' }}", with: { username: me, password: "\${{ secrets.TOKEN }}" } }
      - uses: docker/build-push-action@v6
        if: startsWith(github.ref, 'refs/tags/')
        with:
          platforms: \${{ env.PLATFORMS }}
          builder: \${{ steps.setup.outputs.name }}
          push: \${{ inputs.push }}
      - run: docker buildx build --platform "$PLATFORMS" --push -t "$NAME" .
  call:
    needs: image
    uses: ./.github/workflows/called.yml
    with: { name: "\${{ needs.find.outputs.list }}" }
    secrets: inherit
`;
const ACTION = `name: set up
inputs: { driver: { default: docker } }
outputs: { name: { value: "\${{ steps.b.outputs.name }}" } }
runs:
  using: composite
  steps:
    - { id: b, uses: docker/setup-buildx-action@v3, with: { driver: "\${{ inputs.driver }}" } }
    - { shell: bash, run: "docker run --privileged tonistiigi/binfmt --install all", if: runner.os == 'Linux' }
`;
const CALLED = `on: { workflow_call: { inputs: { name: { type: string } } } }
jobs: { more: { runs-on: ubuntu-24.04, steps: [{ run: "docker push \${{ inputs.name }}" }] } }
`;

const shellGrammar = lazyShellGrammar(loadGrammar);
const FILES = { ".github/workflows/w.yml": WORKFLOW, ".github/actions/set-up/action.yml": ACTION, ".github/workflows/called.yml": CALLED };

/** Lines that are struck out, doubled, swapped or given other values. */
const LINE_EDIT = fc.record({
  at: fc.nat(80),
  to: fc.nat(80),
  how: fc.constantFrom("drop", "double", "swap", "indent", "empty", "expression", "list"),
});

function mutilated(text: string, edits: readonly { at: number; to: number; how: string }[]): string {
  const lines = text.split("\n");
  for (const { at, to, how } of edits) {
    const [i, j] = [at % lines.length, to % lines.length];
    const line = lines[i];
    if (line === undefined) break;
    if (how === "drop") lines.splice(i, 1);
    else if (how === "double") lines.splice(i, 0, line);
    else if (how === "swap") [lines[i], lines[j]] = [lines[j] as string, line];
    else if (how === "indent") lines[i] = `  ${line}`;
    else if (how === "empty") lines[i] = line.replace(/: .*/, ":");
    else if (how === "expression") lines[i] = line.replace(/: .*/, `: \${{ fromJSON(github.x).y[inputs.z] }}`);
    else lines[i] = line.replace(/: .*/, ": [a, {b: c}]");
  }
  return lines.join("\n");
}

test("a walk never throws, ends, and carries each environment to the next step", async () => {
  const shell = await shellGrammar();
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(FILES)), fc.array(LINE_EDIT, { maxLength: 6 }), (name, edits) => {
      const files = { ...FILES, [name]: mutilated(FILES[name as keyof typeof FILES], edits) };
      const study = studyRepository(createReaders(memoryFiles(files), { shell }), { asOf: "2026-08-21" });
      for (const { traces } of study.workflows.flatMap(({ jobs }) => jobs)) {
        expect(traces.length).toBeLessThanOrEqual(MOST_TRACES);
        for (const { start, steps, events, assumed } of traces) {
          expect(new Set(assumed.map(({ atom }) => atom)).size).toBe(assumed.length);
          expect(steps.map(({ index }) => index)).toEqual(steps.map((_, i) => i));
          expect(events.every((event, i) => event.before === (events[i - 1]?.after ?? start))).toBe(true);
        }
      }
    }),
    { numRuns: 80 },
  );
});
