import { nearest } from "../core/nearest.ts";
import { isProblem, ProblemError } from "../core/problem.ts";
import type { RunInstruction, RunMount, Word } from "./ast.ts";
import { readCommand } from "./command-line.ts";
import { readFlags } from "./flags.ts";
import type { InstructionLine } from "./instruction-line.ts";
import { csvFields, goBoolean, readMount } from "./mount.ts";
import { baseOf, type ReadContext } from "./read-context.ts";

const NETWORKS = ["default", "none", "host"];
const SECURITY = ["sandbox", "insecure"];

/** RUN. */
export function readRun(parts: InstructionLine, context: ReadContext): RunInstruction | undefined {
  const { complaints } = context;
  const flags = readFlags("RUN", parts.flags, { mount: "list", network: "text", security: "text", device: "list" }, complaints);
  const mounts = flags.list("mount").flatMap((word) => complaining(word, context, (text): RunMount => ({ ...readMount(text), text, span: word.span })) ?? []);
  const devices = flags.list("device").filter((word) => complaining(word, context, checkDevice) !== undefined);
  const network = choice("--network", flags.text("network"), NETWORKS, context);
  const security = choice("--security", flags.text("security"), SECURITY, context);
  const command = readCommand(parts, parts.start, context);
  if (command === undefined) return undefined;
  if (command.words.length === 0 || command.words[0] === "") {
    complaints.warning(parts.keywordSpan, "RUN has no command", "write the command behind it, or remove the line");
  }
  return {
    kind: "run",
    ...baseOf(parts, context),
    command,
    heredocs: context.heredocs,
    mounts,
    devices,
    ...(network === undefined ? {} : { network }),
    ...(security === undefined ? {} : { security }),
  };
}

function choice(flag: string, word: Word | undefined, known: readonly string[], { complaints }: ReadContext): Word | undefined {
  if (word === undefined || known.includes(word.text)) return word;
  const near = nearest(word.text, known);
  complaints.error(
    word.span,
    `${flag} cannot be "${word.text}"`,
    near === undefined ? `it is one of ${known.join(", ")}` : `did you mean ${near}?`,
    "dockerfile-semantics",
  );
  return undefined;
}

/** What `read` makes of the word; a problem becomes a complaint at the word's place. */
function complaining<T>(word: Word, { complaints }: ReadContext, read: (text: string) => T): T | undefined {
  try {
    return read(word.text);
  } catch (error) {
    if (!isProblem(error)) throw error;
    complaints.error(word.span, error.message, error.hint, error.code);
    return undefined;
  }
}

/** `NAME[,required[=BOOL]]` or `name=NAME`. */
function checkDevice(text: string): string {
  let name = "";
  for (const field of csvFields(text)) {
    const cut = field.indexOf("=");
    const key = (cut === -1 ? field : field.slice(0, cut)).toLowerCase();
    if (key === "required") {
      if (cut !== -1) goBoolean(field.slice(cut + 1), field);
    } else if (name === "") name = key === "name" && cut !== -1 ? field.slice(cut + 1) : field;
    else {
      throw new ProblemError("dockerfile-syntax", {
        message: `a device has a name and "required", and "${field}" is neither`,
        hint: "write --device=NAME or --device=NAME,required",
      });
    }
  }
  return text;
}
