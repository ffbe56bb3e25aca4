import { goBoolean } from "../../../simulate/go-boolean.ts";
import { textOf } from "../../../simulate/text.ts";
import { removeInput } from "../../remedies/inputs.ts";
import { advice, remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "builder-left-behind",
    summary: "a builder is left on a runner that is kept, where the next run meets it or another one is added",
    severity: "warning",
    confidence: "certain",
    fix: "sometimes",
    covers: ["builder-name-reuse-stale", "self-hosted-no-cleanup-disk"],
  },
  step(step, trace, report) {
    const { uses } = step.step;
    if (step.action !== "docker/setup-buildx-action" || uses === undefined || trace.start.runner.kind !== "self-hosted") return;
    const cleanup = step.inputs.get("cleanup");
    if (cleanup === undefined || goBoolean(textOf(cleanup) ?? "") !== false) return;
    const name = textOf(step.inputs.get("name"));
    const isNamed = name !== undefined && name !== "";
    report({
      message: isNamed
        ? `builder "${name}" stays on the runner, and keeps its first settings`
        : "each run leaves a builder on the runner, with all that it holds on the disk",
      place: { file: step.place.file, span: uses.scalar.span },
      key: "",
      facts: [trace.start.runner.fact, { sentence: "`cleanup: false` leaves the builder where it is", place: cleanup.place }],
      log: isNamed ? { tool: "docker/setup-buildx-action", lines: [`Builder ${name} already exists, skipping creation`] } : undefined,
      cause: isNamed
        ? "A self-hosted runner is not new for each job. Where a builder of that name is there, the action takes it as it is: a change of its driver options, platforms or configuration has no effect."
        : "A self-hosted runner is not new for each job. Without a name each run makes a builder of its own, and the volumes of all of them fill the disk.",
      remedies: [
        remedy({ title: "let the action remove its builder at the end", price: "the builder's cache is gone with it" }, [removeInput(step.place, "cleanup")]),
        isNamed
          ? advice("change the name with the settings", "the old builder has to be removed by hand")
          : advice("give the builder a `name`, so that the next run takes it again", "its settings stay as they are at first"),
      ],
    });
  },
});
