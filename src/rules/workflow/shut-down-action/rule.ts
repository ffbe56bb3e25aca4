import { actionFacts } from "../../../facts/actions.ts";
import { bumpAction, inputsLost } from "../../remedies/actions.ts";
import { remedy } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { actionUse } from "../action-use.ts";

export const rule = defineRule({
  meta: {
    id: "shut-down-action",
    summary: "a step uses a release of an action whose service was shut down, so that GitHub fails the job",
    severity: "error",
    confidence: "certain",
    fix: "sometimes",
    covers: ["deprecated-artifact-actions"],
  },
  step(step, trace, report) {
    const use = actionUse(step);
    const version = use?.version;
    if (use === undefined || version === undefined) return;
    const repository = use.name.split("/").slice(0, 2).join("/");
    const closed = actionFacts(repository)?.majors.find(({ major }) => major === version.major)?.closed;
    if (closed === undefined || closed > trace.asOf) return;
    const lost = inputsLost(step.place, trace.asOf);
    const { runner } = trace.start;
    report({
      message: `GitHub refuses ${use.written}@v${version.major} since ${closed}`,
      place: use.place,
      key: use.name,
      // A server of one's own may still have the service.
      confidence: runner.kind === "hosted" ? "certain" : "likely",
      facts: [runner.fact],
      log: {
        tool: "GitHub",
        lines: [`This request has been automatically failed because it uses a deprecated version of \`${repository}: v${version.major}\`.`],
      },
      cause: "the service that this major talks to is gone, and GitHub fails the job before its first step",
      remedies: [
        remedy(
          {
            title: "take the newest release",
            price: repository === "actions/cache" ? "none known" : "since v4 two jobs cannot add to one artifact: each wants a name of its own",
            safety: repository === "actions/cache" ? "safe" : "unsafe",
          },
          [lost.length > 0 ? undefined : bumpAction(step.place, trace.asOf)],
        ),
      ],
    });
  },
});
