// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Grammars, loadGrammars, type StepGiven, scriptStep } from "../../../test/harness/script-step.ts";
import { shownOperations, shownPlaces, shownText } from "../../../test/harness/shown-operations.ts";
import { memoryFiles } from "../../adapters/memory/repository-files.ts";
import { readWorkflow } from "../../workflow/read-workflow.ts";
import { createReaders } from "../create-readers.ts";
import type { ScriptOutcome } from "../script-step.ts";
import { operationsOfScript } from "./operations.ts";

let grammars: Grammars;
beforeAll(async () => {
  grammars = await loadGrammars();
});

const outcome = (script: string, given: StepGiven = {}): ScriptOutcome => operationsOfScript(scriptStep(script, grammars, given));

describe("outputs", () => {
  test.each<readonly [name: string, script: string, outputs: readonly string[], open: boolean, files: Readonly<Record<string, string>>]>([
    ["a text", 'echo "tag=v${{ github.sha }}" >> $GITHUB_OUTPUT', ["tag=v<github.sha>"], false, {}],
    ["the old way", 'echo "::set-output name=q::1"', ["q=1"], false, {}],
    ["the last one counts", "echo a=1 >> $GITHUB_OUTPUT\necho a=2 >> $GITHUB_OUTPUT", ["a=2"], false, {}],
    ["perhaps another", "echo a=1 >> $GITHUB_OUTPUT\nif [ $X ]; then echo a=2 >> $GITHUB_OUTPUT; fi", ["a=<1|2>"], false, {}],
    ["perhaps none", "if [ $X ]; then echo a=2 >> $GITHUB_OUTPUT; fi", ["a=<|2>"], false, {}],
    ["one of two", "if [ $X ]; then echo a=1 >> $GITHUB_OUTPUT; else echo a=2 >> $GITHUB_OUTPUT; fi", ["a=<1|2>"], false, {}],
    ["the same in both branches", "if [ $X ]; then echo a=1 >> $GITHUB_OUTPUT; else echo a=1 >> $GITHUB_OUTPUT; fi", ["a=1"], false, {}],
    ["one of two that nobody knows", "if [ $X ]; then echo a=$(x) >> $GITHUB_OUTPUT; else echo a=1 >> $GITHUB_OUTPUT; fi", ["a=<$a>"], true, {}],
    ["a program may write more", "python x.py\necho a=1 >> $GITHUB_OUTPUT", ["a=1"], true, {}],
    ["something unknown is written", "cat x >> $GITHUB_OUTPUT", [], true, {}],
    ["building does not", "docker build .\ngo build ./...\ngit fetch", [], false, {}],
    ["from a script of the repository", "./s.sh 1", ["a=1"], false, { "s.sh": "echo a=$1 >> $GITHUB_OUTPUT" }],
    ["from a recipe", "make x", ["a=1"], false, { Makefile: 'x:\n\techo "a=1" >> $$GITHUB_OUTPUT\n' }],
  ])("%s", (_, script, outputs, open, files) => {
    const found = outcome(script, { files });
    expect([...found.outputs].map(([name, text]) => `${name}=${shownText(text)}`)).toEqual(outputs);
    expect(found.outputsOpen).toBe(open);
  });
});

describe("places", () => {
  test("a block's indentation is not part of the script", () => {
    const places = shownPlaces(outcome("cd x\n\nif true; then\n  docker push \\\n    a:${{ github.sha }}\nfi\ndocker push b"));
    expect(places).toEqual([".github/workflows/a.yml: docker push \\\n              a:${{ github.sha }}", ".github/workflows/a.yml: docker push b"]);
  });

  test.each<readonly [name: string, run: string, place: string]>([
    ["plain", "run: docker push a", "docker push a"],
    ["plain over lines", "run: docker\n          push a", "docker\n          push a"],
    ["quoted", "run: 'docker push ''a'''", "docker push ''a''"],
    ["double quotes", 'run: "docker push \\"a\\""', 'docker push \\"a\\"'],
    ["folded", "run: >-\n          docker push\n          a", "docker push\n          a"],
    ["with a comment on its header", "run: | # docker push a\n          docker push a", "docker push a"],
    ["escapes hide it", 'run: "docker push \\x61"', '"docker push \\x61"'],
    ["CRLF", "run: |\r\n          x\r\n          docker push a\r\n", "docker push a"],
  ])("%s", (_, run, place) => {
    const file = { name: "w.yml", text: `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - ${run}\n` };
    const scalar = readWorkflow(file).workflow?.jobs[0]?.steps[0]?.run;
    if (scalar === undefined) throw new Error("the step has no script");
    expect(shownPlaces(operationsOfScript({ ...scriptStep("", grammars), file, run: scalar }))).toEqual([`w.yml: ${place}`]);
  });

  test("commands of files are in those files", () => {
    const files = {
      Makefile: "A = b\ninclude m.mk\nx: y\n\tdocker push $(A)\n",
      "m.mk": "# m\ny:\n\tdocker push y\n",
      "s.sh": "#!/bin/sh\ndocker push s\n",
      "package.json": '{"scripts": {"img": "docker push n"}}',
    };
    expect(shownPlaces(outcome("make x\n./s.sh\nnpm run img", { files }))).toEqual([
      "m.mk: docker push y",
      "Makefile: docker push $(A)",
      "s.sh: docker push s",
      'package.json: "img"',
    ]);
  });
});

test("a mistake of a Makefile is complained of once", () => {
  const readers = createReaders(memoryFiles({ Makefile: "hello\nx:\n\tdocker push a\n" }), grammars);
  outcome("make x\nmake x", { readers });
  expect(readers.complaints.map(({ message, place }) => `${place.file.name}: ${message}`)).toEqual([
    'Makefile: the line is neither a rule nor a variable: "hello"',
  ]);
});

describe("hostile input", () => {
  test("a long script", () => {
    expect(outcome("docker push a\n".repeat(15_000)).operations.length).toBeLessThanOrEqual(2001);
  });

  test("a line without end", () => {
    expect(outcome(`docker push ${"a".repeat(200_000)}`).operations).toHaveLength(1);
  });

  test("scripts that call each other", () => {
    const files = { "a.sh": "docker push a\n./b.sh\n./b.sh", "b.sh": "docker push b\n./a.sh\n./a.sh" };
    expect(shownOperations(outcome("./a.sh", { files }))).toEqual([
      "push-image tool=docker image=a",
      "push-image tool=docker image=b",
      "push-image tool=docker image=b",
    ]);
  });

  test("scripts that call many scripts", () => {
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`s${i}.sh`, `docker push a\n${`./s${i + 1}.sh\n`.repeat(9)}`]));
    expect(outcome("./s0.sh", { files }).operations.length).toBeLessThanOrEqual(2001);
  });

  test("scripts in scripts in scripts", () => {
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`s${i}.sh`, `./s${i + 1}.sh`]));
    expect(shownOperations(outcome("./s0.sh", { files }))).toEqual(["doubt sentence=scripts call scripts too deeply to be followed about=builder"]);
  });

  test("makes that call themselves with other variables", () => {
    const files = { Makefile: "x:\n\tdocker push $(A)\n\t$(MAKE) x A=$(A)1\n" };
    expect(outcome("make x A=1", { files }).operations.at(-1)?.operation.kind).toBe("doubt");
  });

  test("loops in loops", () => {
    const loops = Array.from({ length: 7 }, (_, i) => `for v${i} in 1 2 3 4 5 6 7 8 9; do `).join("");
    expect(outcome(`${loops} docker push $v0$v1$v2$v3$v4$v5$v6; ${"done; ".repeat(7)}`).operations.length).toBeLessThanOrEqual(2001);
  });

  const tokens = [
    "docker build ",
    "docker buildx build ",
    "--platform ",
    "--platform=",
    "linux/arm64,",
    "$A",
    '"$A"',
    "${{ matrix.p }}",
    "${{",
    "-t ",
    ". ",
    "\n",
    "; ",
    " && ",
    " || ",
    "docker buildx create ",
    "--use ",
    "docker run --privileged tonistiigi/binfmt --install ",
    "docker login -u a --password-stdin ",
    "echo ",
    "| ",
    "> f ",
    "<<EOF\n",
    "EOF\n",
    "A=",
    "export A=b",
    "for A in a b; do ",
    "done",
    "if x; then ",
    "else ",
    "fi",
    "f() { ",
    "} ",
    "f ",
    "make x ",
    "./s.sh ",
    ". ./s.sh ",
    "$(",
    ")",
    "`",
    "'",
    '"',
    "\\",
    "(",
    "cd ",
    "exit 0",
    "docker manifest create ",
    "tee ",
    "/etc/docker/daemon.json ",
    "systemctl restart docker",
    "npm run x ",
    "docker compose up ",
    "docker buildx bake ",
    "crane index append ",
    "skopeo copy --all ",
    "\0",
    "é",
    "\r\n",
  ];
  test("never throws, and every place lies in its file", () => {
    const files = {
      Makefile: "x:\n\tdocker push $(A)\n\t./s.sh\n",
      "s.sh": 'docker push "$@"\nmake x\n',
      "package.json": '{"scripts":{"x":"make x"}}',
      "compose.yaml": "services: {a: {build: .}}",
      "docker-bake.hcl": 'target "default" {}',
    };
    const readers = createReaders(memoryFiles(files), grammars);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 30 }), (parts) => {
        for (const { operation } of outcome(parts.join(""), { readers }).operations) {
          const { file, span } = operation.place;
          expect(span.start).toBeGreaterThanOrEqual(0);
          expect(span.start).toBeLessThanOrEqual(span.end);
          expect(span.end).toBeLessThanOrEqual(file.text.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
