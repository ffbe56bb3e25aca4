import { posix } from "node:path";
import { literalOf } from "../../shell/script.ts";
import { textOf as knownText, type Value } from "../../shell/values.ts";
import { textOf } from "../text.ts";
import { filePlaces, type Places } from "./scalar-places.ts";
import type { Scene } from "./scene.ts";
import { WORKSPACE } from "./value-text.ts";

/** A script that a command runs. */
export type Called =
  | {
      readonly kind: "script";
      readonly path: string;
      readonly text: string;
      readonly places: Places;
      readonly arguments: readonly Value[];
      readonly stopsAtError: boolean;
    }
  /** Of another language. */
  | { readonly kind: "foreign"; readonly name: string; readonly text: string }
  /** It is not there, or nobody knows where. */
  | { readonly kind: "missing"; readonly name: string };

const SHELLS: ReadonlySet<string> = new Set(["bash", "sh", "dash", "ash", "source", "."]);
const INTERPRETERS: ReadonlySet<string> = new Set(["python", "python3", "node", "ruby", "perl", "php", "pwsh", "deno", "bun", "tsx", "ts-node"]);

/** The repository's script that a command runs: `./x.sh`, `bash x.sh`, `. x.sh`, `python x.py`. Undefined for every other command. */
export function calledScript(scene: Scene): Called | undefined {
  const { name, command, arguments: values } = scene;
  const [first] = command.words;
  if (first === undefined) return undefined;
  if (SHELLS.has(name)) {
    const at = values.findIndex((value) => !/^[-+]/.test(knownText(value) ?? "x"));
    const flags = values.slice(0, Math.max(at, 0)).map((value) => knownText(value) ?? "");
    const file = values[at];
    if (file === undefined || flags.some((flag) => /^-[a-zA-Z]*c/.test(flag))) return undefined;
    return read(
      file,
      values.slice(at + 1),
      scene,
      flags.some((flag) => /^-[a-zA-Z]*e/.test(flag)),
      true,
    );
  }
  if (INTERPRETERS.has(name)) {
    const file = values.find((value) => knownText(value)?.startsWith("-") === false);
    return file === undefined || !/\.[a-z0-9]+$/.test(knownText(file) ?? "") ? undefined : read(file, [], scene, false, false);
  }
  const written = knownText(first) ?? "";
  if (!written.includes("/") && !/\.(?:sh|bash)$/.test(written)) {
    // `$DIR/build.sh`: where it is, nobody knows; what it is called, everybody.
    const end = first.pieces.at(-1);
    const last = end?.kind === "text" ? /\/([\w.-]+)$/.exec(end.text)?.[1] : undefined;
    return knownText(first) === undefined && last !== undefined ? { kind: "missing", name: last } : undefined;
  }
  return read(first, values, scene, false, false);
}

function read(file: Value, given: readonly Value[], { texts, directory, step }: Scene, stopsAtError: boolean, byShell: boolean): Called | undefined {
  const path = textOf(texts.path(file, directory));
  const shown = posix.basename(path ?? literalOf(file.word) ?? file.pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join(""));
  if (path === undefined) return { kind: "missing", name: shown };
  if (posix.isAbsolute(path) || path.startsWith("..")) return /^\/(?:usr|bin|opt|sbin|etc)\//.test(path) ? undefined : { kind: "missing", name: shown };
  const found = step.readers.files.read(path);
  if (found.kind !== "text") return { kind: "missing", name: path };
  const { text } = found.file;
  const interpreter = /^#!\s*(\S+)(?:[ \t]+([^\n]*))?/.exec(text);
  const program =
    interpreter === null
      ? undefined
      : posix.basename(interpreter[1] === "/usr/bin/env" ? (/[^-\s]\S*/.exec(interpreter[2] ?? "")?.[0] ?? "") : (interpreter[1] ?? ""));
  if (program === undefined ? !byShell && !/(?:\.(?:sh|bash)|\/[^./]+|^[^./]+)$/.test(path) : !/^(?:ba|da|a)?sh$/.test(program))
    return { kind: "foreign", name: path, text };
  const strict = interpreter !== null && /\s-[a-z]*e/.test(interpreter[0]);
  return { kind: "script", path, text, places: filePlaces(found.file), arguments: given, stopsAtError: stopsAtError || strict };
}

/** What becomes of substitutions that ask for the workspace, or for the folder of the script itself, or that print a name they are given. */
export function idiomsOf(self: string | undefined): (source: string) => string | undefined {
  const own = self === undefined ? undefined : posix.join(WORKSPACE, posix.dirname(self));
  return (source) => {
    const inner = /^(?:\$\(\s*([\s\S]*?)\s*\)|`\s*([\s\S]*?)\s*`)$/.exec(source);
    const text = (inner?.[1] ?? inner?.[2] ?? "").replaceAll('"', "").replace(/\s+/g, " ");
    if (text === "git rev-parse --show-toplevel") return WORKSPACE;
    // `docker buildx create` prints the name of what it made.
    const made = /^(?:docker buildx|docker-buildx) create\b.* --name[ =]([\w.-]+)(?: |$)/.exec(text)?.[1];
    if (made !== undefined) return made;
    if (own === undefined) return undefined;
    const SELF = String.raw`\$(?:0|\{0\}|BASH_SOURCE|\{BASH_SOURCE\}|\{BASH_SOURCE\[0\]\}|\{BASH_SOURCE\[0\]:-\$0\}|\{0%/\*\})`;
    const DIRNAME = String.raw`(?:\$\(|${"`"})?dirname (?:-- )?(?:\$\((?:readlink -f|realpath) ${SELF}\)|${SELF})(?:\)|${"`"})?`;
    if (new RegExp(`^${DIRNAME}$`).test(text)) return own;
    const [, below] = new RegExp(String.raw`^cd (?:-- |-P )*${DIRNAME}((?:/[\w.-]+)*/?)(?: (?:>|&>) ?/dev/null(?: 2>&1)?)? && pwd(?: -P)?$`).exec(text) ?? [];
    return below === undefined ? undefined : posix.join(own, below).replace(/(.)\/$/, "$1");
  };
}
