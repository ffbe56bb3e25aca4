import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { corpusFolder } from "../../test/harness/corpus.ts";
import { memoryFiles } from "../adapters/memory/repository-files.ts";
import { loadGrammar } from "../adapters/node/grammars.ts";
import { loadShellGrammar } from "../shell/grammar.ts";
import { createReaders } from "./create-readers.ts";
import { studyRepository } from "./study.ts";

const CORPUS = corpusFolder();

interface Case {
  readonly name: string;
  readonly path: string;
  readonly files: Readonly<Record<string, string>>;
}

const lines = (file: string): readonly Record<string, unknown>[] =>
  readFileSync(join(CORPUS, file), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

function filesUnder(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(folder, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

const pairs = (): readonly Case[] =>
  lines("pairs/index.jsonl").flatMap(({ id, path }) => {
    const folder = join(CORPUS, "pairs", String(id));
    return ["before", "after"].flatMap((side): Case[] => {
      const file = readdirSync(folder).find((name) => name.startsWith(`${side}.`) && /\.ya?ml$/.test(name));
      if (file === undefined) return [];
      const text = readFileSync(join(folder, file), "utf8");
      return [{ name: `${String(id)} ${side}`, path: String(path), files: { ...filesUnder(join(folder, "context", side)), [String(path)]: text } }];
    });
  });

const wild = (): readonly Case[] =>
  lines("wild/index.jsonl").map(({ file, path }) => ({
    name: String(file),
    path: String(path),
    files: { [String(path)]: readFileSync(join(CORPUS, "wild", String(file)), "utf8") },
  }));

describe.skipIf(!existsSync(CORPUS))("real files (the corpus is not part of the repository)", () => {
  test("are walked, each in at least one way", async () => {
    const shell = await loadShellGrammar(loadGrammar);
    const unwalked: string[] = [];
    for (const { name, path, files } of [...pairs(), ...wild()]) {
      const study = studyRepository(createReaders(memoryFiles(files), { shell }), { asOf: "2026-08-21", paths: [path] });
      const jobs = study.workflows.flatMap((workflow) => workflow.jobs);
      // Actions that run on Node, and jobs that call workflows which are not at hand, have no steps.
      if (jobs.some(({ job }) => job.steps.length > 0) && jobs.every(({ traces }) => traces.length === 0)) unwalked.push(name);
    }
    expect(unwalked).toEqual([]);
  });
});
