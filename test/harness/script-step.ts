import { memoryFiles } from "../../src/adapters/memory/repository-files.ts";
import { loadGrammar } from "../../src/adapters/node/grammars.ts";
import { loadShellGrammar, type ShellGrammar } from "../../src/shell/grammar.ts";
import { type CollectingReaders, createReaders } from "../../src/simulate/create-readers.ts";
import type { Environment } from "../../src/simulate/environment.ts";
import { runnerOf, startEnvironment } from "../../src/simulate/runner.ts";
import type { ScriptStep } from "../../src/simulate/script-step.ts";
import { type Hole, knownText, type Text } from "../../src/simulate/text.ts";
import { readWorkflow } from "../../src/workflow/read-workflow.ts";
import type { Scalar } from "../../src/workflow/tree.ts";

/** Hosted runners had Docker 28 then. */
const AS_OF = "2026-08-21";

/** What a `run:` step of a test is made of. */
export interface StepGiven {
  readonly files?: Readonly<Record<string, string>>;
  /** Of the step; a hole is told by its source. */
  readonly env?: Readonly<Record<string, string | Hole>>;
  /** What expressions become; all others are holes that hang on themselves. */
  readonly expressions?: Readonly<Record<string, string | Hole>>;
  readonly shell?: string;
  readonly directory?: string | undefined;
  readonly environment?: (environment: Environment) => Environment;
  readonly readers?: CollectingReaders;
}

export interface Grammars {
  readonly shell: ShellGrammar;
}

export async function loadGrammars(): Promise<Grammars> {
  return { shell: await loadShellGrammar(loadGrammar) };
}

/** A step as the walk would hand it on, its script being a block of a workflow. */
export function scriptStep(script: string, grammars: Grammars, given: StepGiven = {}): ScriptStep {
  const body = script
    .split("\n")
    .map((line) => (line === "" ? "" : `          ${line}`))
    .join("\n");
  const text = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |2\n${body}\n`;
  const file = { name: ".github/workflows/a.yml", text: text.replace("|2", "|") };
  const run = readWorkflow(file).workflow?.jobs[0]?.steps[0]?.run;
  const scalar: Scalar = run ?? { kind: "scalar", value: script, text: script, style: "literal", span: { start: 0, end: file.text.length }, expressions: [] };
  const place = { file, span: scalar.span };
  const textOf = (value: string | Hole): Text => (typeof value === "string" ? knownText(value, place) : { parts: [value], place });
  const labels = { items: [knownText("ubuntu-latest", place)], open: false, place };
  const environment = startEnvironment(runnerOf(labels, { asOf: AS_OF, place }), AS_OF);
  return {
    run: scalar,
    file,
    shell: given.shell,
    directory: "directory" in given ? given.directory : "",
    variables: new Map(Object.entries(given.env ?? {}).map(([name, value]) => [name, textOf(value)])),
    expression: (source) => textOf(given.expressions?.[source] ?? { source, atoms: [source] }),
    id: "step-1",
    environment: given.environment?.(environment) ?? environment,
    readers: given.readers ?? createReaders(memoryFiles(given.files ?? {}), grammars),
  };
}
