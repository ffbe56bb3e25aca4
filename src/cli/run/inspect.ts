import { inspect, inspectRaw } from "../../api/inspect.ts";
import { imageText } from "../../report/inspect-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, switched } from "../given.ts";
import { printJson, printLine } from "../print.ts";
import { sessionOptions } from "./plan-options.ts";

/** `multihull inspect`. */
export const run: Run = async (image, given, signal) => {
  const name = image as string;
  const session = { ...sessionOptions(given), signal };
  if (switched(given, "raw")) {
    process.stdout.write(await inspectRaw(name, session));
    return EXIT.done;
  }
  const report = await inspect(name, { ...session, platforms: list(given, "platform"), files: switched(given, "files") });
  if (switched(given, "json")) printJson(report);
  else printLine(imageText(report));
  return EXIT.done;
};
