import { defineImageRule } from "../../../rule.ts";
import { quote } from "../../shown.ts";
import { tellConfigPart } from "../config-parity.ts";

/** Numbers that mean the same on every architecture of Linux: signal(7). */
const NUMBERS: Readonly<Record<string, string>> = { 1: "HUP", 2: "INT", 3: "QUIT", 9: "KILL", 15: "TERM" };

const nameOf = (signal: string): string => {
  const bare = signal.toUpperCase().replace(/^SIG/, "");
  return bare === "" ? "TERM" : (NUMBERS[bare] ?? bare);
};

export const rule = defineImageRule({
  meta: { id: "stop-signal-differs", summary: "containers are stopped by another signal on some platforms", severity: "warning", confidence: "certain" },
  image: (subject, report) =>
    tellConfigPart(subject, report, {
      differs: "the stop signal differs",
      keyOf: ({ StopSignal = "" }) => nameOf(StopSignal),
      shown: ({ StopSignal = "" }) => (StopSignal === "" ? "none (SIGTERM)" : quote(StopSignal)),
      cause: "docker stop ends the program in order on one platform, and by force after ten seconds on another",
      remedies: ["set STOPSIGNAL in the final stage, where every platform passes, and build all platforms again"],
    }),
});
