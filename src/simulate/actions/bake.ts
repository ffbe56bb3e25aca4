import type { ActionModel, ActionStep } from "../action-model.ts";
import { bakeBuilds } from "../bake-builds.ts";
import type { Environment } from "../environment.ts";
import type { Build } from "../operation.ts";
import { type Text, textOf } from "../text.ts";
import { outcome, wordOf } from "./asked.ts";

/** docker/bake-action: `docker buildx bake`, since v6 of the commit's own files unless `source` says otherwise. */
export const bake: ActionModel = {
  uses: ["docker/bake-action"],
  model: (step, environment) => outcome(bakeAsked(step, environment)),
};

export function bakeAsked(step: ActionStep, environment: Environment): readonly Build[] {
  const { inputs, readers } = step;
  const call = wordOf(inputs.text("call"));
  return bakeBuilds(
    {
      through: "docker/bake-action",
      place: step.place,
      files: inputs.list("files"),
      ...sourceOf(step),
      targets: inputs.list("targets"),
      set: inputs.list("set", { commas: false, quotes: false }),
      variables: new Map([...environment.variables, ...step.variables, ...variablesOf(step)]),
      push: inputs.switch("push", false),
      load: inputs.switch("load", false),
      builder: inputs.text("builder"),
      provenance: inputs.text("provenance"),
      sbom: inputs.text("sbom"),
      allow: inputs.list("allow"),
      onlyAsks: call !== undefined && call !== "build",
    },
    readers,
  );
}

interface Source {
  readonly directory: string | undefined;
  readonly source: Text | undefined;
  readonly gitContext: boolean;
}

const REMOTE = /^(?:https?:\/\/|git:\/\/|github\.com\/|git@)/;
const OWN_COMMIT = /^\{\{\s*defaultContext\s*\}\}(?::(.*))?$/;

function sourceOf({ inputs, major }: ActionStep): Source {
  const given = inputs.text("source");
  const text = textOf(given);
  if (given === undefined) {
    if (major === undefined || major >= 6) return { directory: "", source: undefined, gitContext: true };
    const folder = inputs.text("workdir");
    return { directory: folder === undefined ? "" : relative(textOf(folder)), source: undefined, gitContext: false };
  }
  if (text === undefined) return { directory: undefined, source: given, gitContext: false };
  const own = OWN_COMMIT.exec(text);
  if (own !== null) return { directory: relative(own[1] ?? ""), source: undefined, gitContext: true };
  if (REMOTE.test(text)) return { directory: undefined, source: given, gitContext: false };
  return { directory: relative(text), source: undefined, gitContext: false };
}

/** A folder relative to the workspace, without `./` and a slash at its end; undefined when it leads out, or is unknown. */
function relative(folder: string | undefined): string | undefined {
  const parts = folder?.split("/").filter((part) => part !== "" && part !== ".");
  return parts === undefined || folder?.startsWith("/") === true || parts.includes("..") ? undefined : parts.join("/");
}

/** `vars`: `NAME=VALUE` a line. */
function variablesOf({ inputs }: ActionStep): readonly (readonly [string, Text])[] {
  return inputs.list("vars", { commas: false, quotes: false }).items.flatMap((item) => {
    const [first, ...rest] = item.parts;
    const at = typeof first === "string" ? first.indexOf("=") : -1;
    if (typeof first !== "string" || at <= 0) return [];
    const value = first.slice(at + 1);
    return [[first.slice(0, at), { parts: value === "" ? rest : [value, ...rest], place: item.place }] as const];
  });
}
