import { plan } from "../../api/plan.ts";
import { planText } from "../../report/plan-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { switched } from "../given.ts";
import { printJson } from "../print.ts";
import { planOptions } from "./plan-options.ts";

/** `multihull plan`. */
export const run: Run = async (context, given, signal) => {
  const report = await plan({ ...planOptions(context, given), signal });
  if (switched(given, "json")) printJson(report);
  else process.stdout.write(planText(report));
  return EXIT.done;
};
