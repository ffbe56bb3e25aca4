import type { Dockerfile } from "../../../dockerfile/ast.ts";
import type { Fact, Severity } from "../../../findings/finding.ts";
import type { DockerfileUse, StageUse } from "../../dockerfile-use.ts";
import { platformVariableUses, type VariableUse } from "../../platform-variables.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { insertLineBefore } from "../../remedies/texts.ts";
import { defineRule, type Report } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "targetarch-not-declared",
    summary: "a stage reads TARGETARCH or one of its kin without an ARG that brings it in",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["targetarch-not-declared"],
  },
  dockerfile(use, report) {
    for (const stage of use.stages) {
      const told = new Set<string>();
      for (const one of platformVariableUses(use.dockerfile, stage.stage)) {
        if (one.declared || told.has(one.variable) || (one.fallback !== undefined && /[$`]/.test(one.fallback))) continue;
        told.add(one.variable);
        tell(one, stage, use, report);
      }
    }
  },
});

function tell(one: VariableUse, stage: StageUse, { dockerfile, builds }: DockerfileUse, report: Report): void {
  const { variable, span, fallback } = one;
  const { file } = dockerfile;
  const name = stage.stage.name === undefined ? "its stage" : `its stage "${stage.stage.name}"`;
  const value = fallback === undefined || fallback === "" ? "empty" : `always "${fallback}"`;
  report({
    message: `${variable} is ${value} here: its stage does not declare it`,
    place: { file, span },
    key: `${stage.stage.index} ${variable}`,
    severity: severityOf(one, stage, file.text),
    facts: [
      { sentence: `${name} begins here, and has no ARG ${variable} before it is read`, place: { file, span: stage.from.span } },
      ...declaredElsewhere(one, stage, dockerfile),
    ],
    cause: `BuildKit gives ${variable} only to stages that ask for it: an ARG counts from its line to the end of its stage, and one before the first FROM counts for FROM alone`,
    remedies: [remedyOf(one, dockerfile)],
    traces: builds.map(({ trace }) => trace),
  });
}

/** A Go program takes an empty GOARCH for "as here", which is right in a stage that runs on the target. */
function severityOf({ variable, span, instruction }: VariableUse, stage: StageUse, text: string): Severity {
  const isGoDefault = /\bGO(?:OS|ARCH|ARM)=["']?$/.test(text.slice(instruction.span.start, span.start));
  if (isGoDefault && stage.runsOn === "target") return "warning";
  if (instruction.kind === "run" && instruction.mounts.some((mount) => mount.span.start <= span.start && span.start < mount.span.end)) return "warning";
  return variable.endsWith("VARIANT") || variable.endsWith("OS") || instruction.kind === "label" ? "warning" : "error";
}

function declaredElsewhere({ variable }: VariableUse, stage: StageUse, { file, globalArgs, stages }: Dockerfile): readonly Fact[] {
  const global = globalArgs.find(({ args }) => args.some(({ name }) => name.text === variable));
  const others = stages.filter((other) => other !== stage.stage).flatMap((other) => other.instructions);
  const other = others.find((instruction) => instruction.kind === "arg" && instruction.args.some(({ name }) => name.text === variable));
  return [
    ...(global === undefined ? [] : [{ sentence: "it is declared before the first FROM, where only FROM sees it", place: { file, span: global.span } }]),
    ...(other === undefined ? [] : [{ sentence: "it is declared in another stage, which ends with that stage", place: { file, span: other.span } }]),
  ];
}

function remedyOf({ variable, instruction }: VariableUse, { file, globalArgs }: Dockerfile): ReturnType<typeof remedy> {
  const title = `declare it: ARG ${variable} before this instruction`;
  const global = globalArgs.flatMap(({ args }) => args).find(({ name }) => name.text === variable);
  // A default before the first FROM goes before what BuildKit gives: declaring it would bring that in.
  if (global?.value !== undefined) return advice(`${title}, and take the default away from the ARG before the first FROM`, "none");
  return remedy({ title, price: "this and later steps of the stage are built anew for each platform" }, [
    insertLineBefore(file, instruction.span.start, `ARG ${variable}`),
  ]);
}
