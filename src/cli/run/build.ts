import pc from "picocolors";
import { build } from "../../api/build.ts";
import type { BuildOutcome, BuildRequest } from "../../api/request.ts";
import { ProblemError } from "../../core/problem.ts";
import { jsonProgress } from "../../report/progress/json.ts";
import { plainProgress } from "../../report/progress/plain.ts";
import { ttyProgress } from "../../report/progress/tty.ts";
import type { Given, Run } from "../commands.ts";
import { EXIT } from "../exit-code.ts";
import { list, switched, text } from "../given.ts";
import { noteJson, noteLine, printJson, printLine } from "../print.ts";
import { planOptions } from "./plan-options.ts";

type View = NonNullable<BuildRequest["events"]> & { end(): void };

/** `multihull build`. */
export const run: Run = async (context, given, signal) => {
  const asJson = switched(given, "json");
  const quiet = switched(given, "quiet") || text(given, "progress") === "quiet";
  const view = viewFor(quiet ? "quiet" : (text(given, "progress") ?? "auto"));
  try {
    const outcome = await build({
      ...planOptions(context, given),
      tags: list(given, "tag"),
      outputs: list(given, "output"),
      push: switched(given, "push"),
      load: switched(given, "load"),
      annotations: list(given, "annotation"),
      provenance: text(given, "provenance"),
      sbom: text(given, "sbom"),
      attest: list(given, "attest"),
      cacheFrom: list(given, "cacheFrom"),
      cacheTo: list(given, "cacheTo"),
      secrets: list(given, "secret"),
      ssh: list(given, "ssh"),
      allow: list(given, "allow"),
      addHosts: list(given, "addHost"),
      shmSize: text(given, "shmSize"),
      ulimits: list(given, "ulimit"),
      network: text(given, "network"),
      emulators: list(given, "emulator"),
      directPush: switched(given, "directPush"),
      ...verifyOf(given),
      metadataFile: text(given, "metadataFile"),
      iidfile: text(given, "iidfile"),
      events: view,
      signal,
    });
    view.end();
    // What people and programs are told must not get into an archive.
    const stdoutIsTaken = outcome.outputs.some(({ dest }) => dest === "-");
    if (asJson) (stdoutIsTaken ? noteJson : printJson)({ version: 1, ...outcome });
    else if (quiet) (stdoutIsTaken ? () => {} : printLine)(outcome.imageId);
    else if (text(given, "progress") !== "json") {
      for (const line of namesAndDigest(outcome)) noteLine(line);
      const goesNowhere = !switched(given, "push") && !switched(given, "load") && list(given, "output").length === 0;
      if (goesNowhere) noteLine("kept in the store; --push publishes it, -o type=oci,dest=FILE writes it out");
    }
    return EXIT.done;
  } catch (error) {
    view.end();
    throw error;
  }
};

const namesAndDigest = ({ names, digest }: BuildOutcome): readonly string[] => (names.length === 0 ? [digest] : names.map((name) => `${name}@${digest}`));

function viewFor(mode: string): View {
  const wanted = mode === "auto" ? (process.stderr.isTTY ? "tty" : "plain") : mode;
  switch (wanted) {
    case "quiet":
      return { emit: () => {}, end: () => {} };
    case "json":
      return { ...jsonProgress(noteLine), end: () => {} };
    case "tty":
      return ttyProgress(
        {
          write: (text) => void process.stderr.write(text),
          size: () => ({ columns: process.stderr.columns ?? 0, rows: process.stderr.rows ?? 0 }),
        },
        pc.createColors(pc.isColorSupported),
        Date.now,
      );
    case "plain":
      return plainProgress(noteLine);
    default:
      throw new ProblemError("usage", { message: `--progress ${mode} is not known`, hint: "wanted auto, tty, plain, json or quiet" });
  }
}

function verifyOf(given: Given): { readonly verify?: boolean } {
  const [yes, no] = [switched(given, "verify"), switched(given, "noVerify")];
  if (yes && no) throw new ProblemError("usage", { message: "--verify and --no-verify ask for two things", hint: "give one of them" });
  return yes || no ? { verify: yes } : {};
}
