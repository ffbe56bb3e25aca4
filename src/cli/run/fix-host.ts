import pc from "picocolors";
import { fixHost } from "../../api/fix-host.ts";
import { ProblemError } from "../../core/problem.ts";
import { hostFixJson } from "../../report/host/fix-json.ts";
import { hostFixText } from "../../report/host/fix-text.ts";
import type { Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { isGiven, list, switched, text } from "../given.ts";
import { noteLine, printJson, printLine } from "../print.ts";

/** `multihull fix --host`. */
export const runHostFix: Run = async (path, given, signal) => {
  const other = ["rule", "unsafe", "asOf", "online", "registryMirror", "runners", "job"].find((name) => isGiven(given, name));
  if (path !== undefined || other !== undefined)
    throw new ProblemError("usage", {
      message: "--host mends this machine, not a repository",
      hint: "it goes with --with, --write, --undo, --platform, --daemon-config, --restart, --no-restart, --builder, --image, --insecure-registry, --store and --format",
    });
  if (switched(given, "restart") && switched(given, "noRestart"))
    throw new ProblemError("usage", { message: "--restart and --no-restart cannot both be meant", hint: "leave one of them out" });
  const way = text(given, "with");
  const isJson = text(given, "format") === "json";
  const report = await fixHost({
    with: way === "buildx" || way === "containerd" ? way : undefined,
    write: switched(given, "write"),
    undo: switched(given, "undo"),
    platforms: list(given, "platform"),
    daemonConfig: text(given, "daemonConfig"),
    restart: switched(given, "restart") ? true : switched(given, "noRestart") ? false : undefined,
    name: text(given, "builder"),
    image: text(given, "image"),
    insecureRegistries: list(given, "insecureRegistry"),
    store: text(given, "store"),
    note: (message) => noteLine(`${message} …`),
    signal,
  });
  if (isJson) printJson(hostFixJson(report));
  else printLine(hostFixText(report, pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)));
  return report.outcome === "planned" || report.left.length > 0 ? EXIT.failed : EXIT.done;
};
