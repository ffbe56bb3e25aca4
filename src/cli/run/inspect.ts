import { inspect, inspectRaw } from "../../api/inspect.ts";
import { imageText } from "../../report/inspect-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, switched } from "../given.ts";
import { printJson, printLine } from "../print.ts";
import { sessionOptions } from "./plan-options.ts";

/** `multihull inspect`. */
export const run: Run = async (image, given) => {
  const name = image as string;
  if (switched(given, "raw")) {
    process.stdout.write(await inspectRaw(name, sessionOptions(given)));
    return EXIT.done;
  }
  const report = await inspect(name, { ...sessionOptions(given), platforms: list(given, "platform"), files: switched(given, "files") });
  if (switched(given, "json")) printJson(report);
  else printLine(imageText(report));
  return EXIT.done;
};
