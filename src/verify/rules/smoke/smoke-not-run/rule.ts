import { defineImageRule } from "../../../rule.ts";
import type { SmokeResult } from "../../../smoke.ts";

export const rule = defineImageRule({
  meta: {
    id: "smoke-not-run",
    summary: "a platform was asked to be started with --smoke, and could not be tried here",
    severity: "info",
    confidence: "certain",
    needs: "smoke",
  },
  image({ smoke = [] }, report) {
    const causes = new Map<string, SmokeResult[]>();
    for (const result of smoke) {
      if (result.state !== "not-run") continue;
      const cause = JSON.stringify([result.why, result.act]);
      causes.set(cause, [...(causes.get(cause) ?? []), result]);
    }
    for (const results of causes.values()) {
      const [{ platform, why, act }, ...others] = results as [SmokeResult, ...SmokeResult[]];
      const names = [platform, ...others.map((other) => other.platform)];
      report({
        message: `${names.join(", ")} ${names.length === 1 ? "was" : "were"} not started: ${why}`,
        ...(others.length === 0 ? { at: { platform } } : {}),
        cause: "What was not tried is not proven: nothing is known of whether it starts.",
        ...(act === undefined ? {} : { remedies: [act] }),
      });
    }
  },
});
