import { shownText } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "manifest-list-made-twice",
    summary: "docker manifest create makes a list that the machine has already, without --amend",
    severity: "error",
    confidence: "certain",
    fix: "none",
    covers: ["docker-manifest-stale-local"],
  },
  event(event, trace, report) {
    const { operation, step } = event;
    if (operation.kind !== "create-index" || operation.tool !== "docker manifest" || operation.amend !== false) return;
    const [name] = operation.names.items;
    if (name === undefined) return;
    const shown = shownText(name);
    const before = trace.events.slice(0, trace.events.indexOf(event));
    const first = before.findLast(
      ({ operation: other }) => other.kind === "create-index" && other.tool === "docker manifest" && other.names.items.some((one) => shownText(one) === shown),
    );
    const selfHosted = trace.start.runner.kind === "self-hosted";
    // A list that is pushed with --purge, or removed, is gone: what scripts do with either is not told apart.
    const removed = trace.steps.some(
      ({ step: { run }, index }) => index <= step.index && run !== undefined && /manifest\s+rm\b|--purge|-p\b|\.docker\/manifests/.test(run.text),
    );
    if (removed || (first === undefined && !selfHosted) || (first !== undefined && first.operation.place === operation.place)) return;
    report({
      message: first === undefined ? `the list "${shown}" may be on the machine from the run before` : `the list "${shown}" is made a second time`,
      place: operation.place,
      key: shown,
      severity: first === undefined ? "warning" : "error",
      confidence: first === undefined ? "possible" : event.sure && first.sure && step.runs === "yes" ? "certain" : "likely",
      facts: first === undefined ? [trace.start.runner.fact] : [{ sentence: "it is made here first", place: first.operation.place }],
      log: { tool: "docker manifest create", lines: ["refusing to amend an existing manifest list with no --amend flag"] },
      cause: "docker keeps a list of manifests in the user's folder until it is pushed with --purge, and makes none where one of that name lies",
      remedies: [
        advice("use docker buildx imagetools create, which keeps nothing on the machine", "docker manifest push falls away"),
        advice("run docker manifest rm first, or push with --purge", "none"),
      ],
    });
  },
});
