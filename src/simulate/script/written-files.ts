import { posix } from "node:path";
import { readArguments } from "../../shell/arguments.ts";
import { printedBy } from "../../shell/printed.ts";
import type { Value } from "../../shell/values.ts";
import { type Text, textOf } from "../text.ts";
import { workspacePath } from "../workspace-path.ts";
import type { Scene } from "./scene.ts";

/** A file that a command writes. */
export interface Written {
  readonly path: Text;
  /** Null where only the fact is known. */
  readonly content: Text | null;
}

/** Where nothing is kept. */
const NOWHERE = /^\/dev\//;
const GITHUB_FILE = /^\$\{?GITHUB_|^github\.(?:env|output|path|state)$/;

/** The files that a command plainly writes: by redirection, `tee`, `-o`, copying and moving. */
export function writtenFiles(scene: Scene): readonly Written[] {
  const found: Written[] = [...redirected(scene), ...named(scene)];
  return found.filter(({ path: { parts } }) => {
    const [first] = parts;
    return first !== undefined && (typeof first === "string" ? !NOWHERE.test(first) : !GITHUB_FILE.test(first.source));
  });
}

function redirected({ command, name, texts, place, directory }: Scene): Written[] {
  return command.command.redirections.flatMap((one): Written[] => {
    if ((one.kind !== "write" && one.kind !== "append") || (one.descriptor !== 1 && one.descriptor !== "all")) return [];
    const path = workspacePath(texts.pieces(command.expand(one.target), place), directory);
    const prints = one.kind === "write" && (name === "echo" || name === "printf" || name === "cat");
    return [{ path, content: prints ? known(texts.pieces(printedBy(command), place)) : null }];
  });
}

function named(scene: Scene): Written[] {
  const { name, texts, place, directory, input } = scene;
  const at = (value: Value): Text => texts.path(value, directory);
  const values = scene.arguments;
  switch (name) {
    case "tee": {
      const found = readArguments(values, { switch: ["append a", "ignore-interrupts i", "p"] });
      const content = found.on("append") === false && input !== undefined ? known(texts.pieces(input, place)) : null;
      return found.positional.map((value) => ({ path: at(value), content }));
    }
    case "cp":
    case "mv":
    case "install":
    case "ln": {
      const found = readArguments(values, {
        text: ["target-directory t", "mode m", "owner o", "group g"],
        switch: ["a", "r", "R", "recursive", "f", "force", "v", "verbose", "p", "n", "u", "L", "P", "d", "T", "D", "s", "symbolic", "archive"],
      });
      const into = found.last("target-directory");
      const sources = into === undefined ? found.positional.slice(0, -1) : found.positional;
      const target = into ?? found.positional.at(-1);
      return target === undefined || sources.length === 0 ? [] : copied(sources, texts.text(target), scene, name);
    }
    case "go": {
      const [verb, ...rest] = values;
      if (verb === undefined || textOf(texts.text(verb)) !== "build") return [];
      const output = after(rest, "-o", scene);
      return output === undefined ? [] : [{ path: at(output), content: null }];
    }
    case "gcc":
    case "cc":
    case "curl":
    case "sort":
    case "jq": {
      const output = after(values, "-o", scene) ?? after(values, "--output", scene);
      return output === undefined ? [] : [{ path: at(output), content: null }];
    }
    case "wget": {
      const output = after(values, "-O", scene) ?? after(values, "--output-document", scene);
      return output === undefined || textOf(texts.text(output)) === "-" ? [] : [{ path: at(output), content: null }];
    }
    case "sed": {
      const changes = values.some((value) => /^(?:-[a-zA-Z]*i|--in-place)/.test(textOf(texts.text(value)) ?? ""));
      const last = values.at(-1);
      return changes && last !== undefined ? [{ path: at(last), content: null }] : [];
    }
    default:
      return [];
  }
}

/** Copies keep the text of what this script wrote, and of files of the repository. */
function copied(sources: readonly Value[], named: Text, { texts, directory, written, step }: Scene, how: string): Written[] {
  const target = workspacePath(named, directory);
  const to = textOf(target);
  const intoFolder = sources.length > 1 || /(?:\/|^\.)$/.test(textOf(named) ?? "");
  return sources.map((source) => {
    const from = textOf(texts.path(source, directory));
    const path = intoFolder && to !== undefined && from !== undefined ? { parts: [posix.join(to, posix.basename(from))], place: target.place } : target;
    if (how === "ln" || from === undefined) return { path, content: null };
    const here = written.get(from);
    if (here !== undefined) return { path, content: here };
    const read = posix.isAbsolute(from) || to === undefined || !posix.isAbsolute(to) ? undefined : step.readers.files.read(from);
    return { path, content: read?.kind === "text" ? { parts: [read.file.text], place: target.place } : null };
  });
}

/** The value behind a flag: `-o x`, `-ox`, `-o=x`. */
function after(values: readonly Value[], flag: string, { texts }: Scene): Value | undefined {
  const found = readArguments(values, { text: [flag.replace(/^-+/, "")] });
  const value = found.last(flag.replace(/^-+/, ""));
  return value === undefined || texts.text(value).parts.length === 0 ? undefined : value;
}

const known = (text: Text): Text | null => (text.parts.every((part) => typeof part === "string" || part.source !== "") ? text : null);
