import type { RunConfig } from "../../image/config.ts";
import { shown } from "../../image/tar/path.ts";
import type { Tree } from "../../image/tree.ts";
import type { ImageLayer } from "../subject.ts";
import { commandOf } from "./command.ts";
import { baseName } from "./names.ts";
import type { Start } from "./start.ts";
import { lookUpOnWindows } from "./windows.ts";

/** What a Windows container runs first, and what `cmd /S /C` is told to run; only what is found is told. */
export function windowsStarts(tree: Tree<ImageLayer>, config: RunConfig): readonly Start[] {
  const { entrypoint, command } = commandOf(config);
  const words = [...entrypoint, ...command];
  // One string holds the whole line where the Dockerfile had the shell form.
  const line = config.ArgsEscaped === true || words.length === 1 ? splitLine(words.join(" ")) : words;
  const role = entrypoint.length > 0 ? "entrypoint" : "command";
  const starts: Start[] = [];
  const first = startOn(tree, config, line, role, undefined);
  if (first === undefined) return starts;
  starts.push(first);
  const inner = behindCmd(first.words);
  const second = inner === undefined ? undefined : startOn(tree, config, inner, "wrapped", first);
  if (second !== undefined) starts.push(second);
  return starts;
}

function startOn(tree: Tree<ImageLayer>, config: RunConfig, words: readonly string[], role: Start["role"], by: Start | undefined): Start | undefined {
  const [asked] = words;
  if (asked === undefined || asked === "") return undefined;
  const path = config.Env?.findLast((line) => /^path=/i.test(line))?.slice("path=".length);
  const found = lookUpOnWindows(tree, asked, config.WorkingDir ?? "\\", path?.replaceAll(/%SystemRoot%/gi, "C:\\Windows"));
  const binary = found?.node.source?.contents?.binaries.get(found.node.offset);
  if (found === undefined || binary === undefined) return undefined;
  const naming = by === undefined ? (role === "entrypoint" ? "ENTRYPOINT" : "CMD") : `the line of ${by.asked}`;
  return {
    role,
    words,
    asked,
    by,
    steps: [`${naming} names ${shown(asked)}`, `it is found as /${found.path}`],
    path: `/${found.path}`,
    node: found.node,
    what: { kind: "binary", binary },
    file: undefined,
    certain: by === undefined,
  };
}

/** The command behind `cmd /S /C`. */
function behindCmd(words: readonly string[]): readonly string[] | undefined {
  if (!/^cmd(?:\.exe)?$/i.test(baseName((words[0] ?? "").replaceAll("\\", "/")))) return undefined;
  const at = words.findIndex((word) => /^\/c$/i.test(word));
  const rest = at === -1 ? [] : words.slice(at + 1);
  return rest.length === 0 ? undefined : rest.length === 1 ? splitLine(rest[0] ?? "") : rest;
}

/** Blanks separate, double quotes hold together. */
const splitLine = (line: string): readonly string[] => [...line.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
