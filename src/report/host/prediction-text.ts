import type { BuildPrediction } from "../../host/predict.ts";
import { clean } from "../clean.ts";
import type { Colors } from "../progress/tty.ts";

const VERDICTS = { accepted: "works", refused: "fails", unknown: "may fail" } as const;

/** What Docker would say, in the words and the order of a finding: what happens, why, the log, the ways out. */
export function predictionText({ command, verdict, message, log, facts, remedies }: BuildPrediction, colors: Colors): readonly string[] {
  const paint = verdict === "accepted" ? colors.green : verdict === "refused" ? colors.red : colors.yellow;
  const lines = [colors.bold(clean(command)), `  ${paint(VERDICTS[verdict])}: ${clean(message)}`];
  if (verdict !== "accepted") facts.forEach(({ sentence }) => void lines.push(`    ${colors.dim("-")} ${clean(sentence)}`));
  if (log !== undefined) {
    lines.push(`  ${colors.bold("the log will say")} (${clean(log.tool)}):`);
    for (const line of log.lines) lines.push(`    ${colors.dim("|")} ${clean(line)}`);
  }
  remedies.forEach(({ title, price, command: act }, i) => {
    lines.push(`  ${colors.cyan(i === 0 ? "help:" : "or:")} ${clean(title)}`);
    if (price !== undefined) lines.push(`    costs: ${clean(price)}`);
    if (act !== undefined) lines.push(`    run: ${colors.green(clean(act))}`);
  });
  return lines;
}
