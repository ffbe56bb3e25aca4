import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { corpusFolder } from "../../../test/harness/corpus.ts";
import { type Grammars, loadGrammars, scriptStep } from "../../../test/harness/script-step.ts";
import { memoryFiles } from "../../adapters/memory/repository-files.ts";
import { parseMakefile } from "../../shell/makefile.ts";
import { readWorkflow } from "../../workflow/read-workflow.ts";
import { createReaders } from "../create-readers.ts";
import { operationsOfScript } from "./operations.ts";

const CORPUS = corpusFolder();

const below = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe.skipIf(!existsSync(CORPUS))("scripts of the corpus (skipped where it is not there)", () => {
  let grammars: Grammars;
  beforeAll(async () => {
    grammars = await loadGrammars();
  });

  test("every script of every workflow, with its places in the file", () => {
    const readers = createReaders(memoryFiles({}), grammars);
    let scripts = 0;
    for (const path of below(CORPUS).filter((one) => /\.ya?ml$/.test(one))) {
      const file = { name: path, text: readFileSync(path, "utf8") };
      for (const step of readWorkflow(file).workflow?.jobs.flatMap((job) => job.steps) ?? []) {
        if (step.run === undefined) continue;
        scripts++;
        const { operations } = operationsOfScript({ ...scriptStep("", grammars, { readers }), run: step.run, file });
        for (const { operation } of operations) {
          expect(operation.place.span.start).toBeGreaterThanOrEqual(step.run.span.start);
          expect(operation.place.span.end).toBeLessThanOrEqual(step.run.span.end);
        }
      }
    }
    expect(scripts).toBeGreaterThan(100);
  });

  test("every target of every Makefile", () => {
    const makefiles = below(join(CORPUS, "wild_context")).filter((path) => path.endsWith("Makefile"));
    for (const path of makefiles) {
      const text = readFileSync(path, "utf8");
      const readers = createReaders(memoryFiles({ Makefile: text }), grammars);
      const targets = parseMakefile(text).statements.flatMap((one) =>
        one.kind === "rule" ? one.targets.split(/\s+/).filter((name) => /^[\w.-]+$/.test(name)) : [],
      );
      for (const target of targets) {
        const { operations } = operationsOfScript(scriptStep(`make ${target}`, grammars, { readers }));
        for (const { operation } of operations) expect(operation.place.span.end).toBeLessThanOrEqual(operation.place.file.text.length);
      }
    }
    expect(makefiles.length).toBeGreaterThan(0);
  });
});
