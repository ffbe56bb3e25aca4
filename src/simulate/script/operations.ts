import { readShell } from "../../shell/setting.ts";
import type { ScriptOutcome, ScriptStep } from "../script-step.ts";
import { broughtByText, unknownDeed } from "./known-commands.ts";
import { rememberedWork } from "./remembered.ts";
import { scalarPlaces } from "./scalar-places.ts";
import { ScriptWalk } from "./script-walk.ts";

/** What a `run:` step asks of the machine, and what it hands on. Never throws on what a script holds. */
export function operationsOfScript(step: ScriptStep): ScriptOutcome {
  const shell = step.shell ?? (step.environment.runner.os === "windows" ? "pwsh" : undefined);
  return rememberedWork({ ...step, shell }, work);
}

function work(step: ScriptStep): ScriptOutcome {
  const setting = readShell(step.shell);
  if (!setting.understood) return foreign(step, setting.name);
  if (step.readers.shell === undefined) return { operations: [], outputs: new Map(), outputsOpen: true };
  const walk = new ScriptWalk(step);
  walk.script(step.run.text, { places: scalarPlaces(step.run, step.file), stopsAtError: setting.stopsAtError });
  return walk.outcome();
}

function foreign({ run, file }: ScriptStep, language: string): ScriptOutcome {
  const about = broughtByText(run.text);
  const operations =
    about === undefined
      ? []
      : [
          {
            operation: { kind: "doubt", sentence: unknownDeed(`this script of "${language}"`, about), about, place: { file, span: run.span } } as const,
            sure: true,
          },
        ];
  return { operations, outputs: new Map(), outputsOpen: true };
}
