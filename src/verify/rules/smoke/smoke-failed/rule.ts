import { commandText } from "../../../../core/command-text.ts";
import { defineImageRule } from "../../../rule.ts";
import { lastLines } from "./last-lines.ts";

/** What of the output is repeated as facts. */
const LINES = 8;

export const rule = defineImageRule({
  meta: {
    id: "smoke-failed",
    summary: "what the image starts, or the command of --smoke, could not be started, failed, or did not come to an end",
    severity: "error",
    confidence: "certain",
    needs: "smoke",
  },
  image({ smoke = [] }, report) {
    for (const { platform, command, state, how, why, act, output } of smoke) {
      if (state !== "failed") continue;
      const emulated = how === "emulated" ? ", under emulation" : "";
      report({
        message: `"${commandText(command)}" failed${emulated}: ${why}`,
        at: { platform },
        cause: "It was started in a sandbox, with the image's files, variables, user and working directory, without a network, and did not do well.",
        facts: lastLines(output, LINES).map((line) => `it printed "${line}"`),
        ...(act === undefined ? {} : { remedies: [act] }),
      });
    }
  },
});
