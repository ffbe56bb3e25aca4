import { posix } from "node:path";
import type { SourceFile } from "../../core/span.ts";
import { textOf as knownText, type Value } from "../../shell/values.ts";
import { onePlace, type Places } from "./scalar-places.ts";
import type { Scene } from "./scene.ts";

/** A script of a `package.json`. */
export interface NpmScript {
  readonly key: string;
  readonly text: string;
  readonly places: Places;
  readonly directory: string | undefined;
}

const RUNNERS: ReadonlySet<string> = new Set(["npm", "yarn", "pnpm"]);

/** The script that `npm run x` runs; undefined when it is something else, or the package has no such script. */
export function npmScript({ name, arguments: values, directory, step }: Scene): NpmScript | undefined {
  if (!RUNNERS.has(name) || directory === undefined || posix.isAbsolute(directory)) return undefined;
  const words = values.map((value: Value) => knownText(value)).filter((word) => word?.startsWith("-") !== true);
  const [verb, script] = words;
  const wanted = verb === "run" || verb === "run-script" ? script : name === "npm" ? undefined : verb;
  if (wanted === undefined) return undefined;
  const read = step.readers.files.read(posix.join(directory, "package.json"));
  if (read.kind !== "text") return undefined;
  const text = scriptsIn(read.file)[wanted];
  if (typeof text !== "string") return undefined;
  const at = read.file.text.indexOf(JSON.stringify(wanted), read.file.text.indexOf('"scripts"'));
  const place = { file: read.file, span: { start: Math.max(at, 0), end: Math.max(at, 0) + wanted.length + 2 } };
  return { key: `npm ${directory} ${wanted}`, text, places: onePlace(place), directory };
}

function scriptsIn({ text }: SourceFile): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    const scripts = typeof parsed === "object" && parsed !== null && "scripts" in parsed ? parsed.scripts : undefined;
    return typeof scripts === "object" && scripts !== null ? { ...scripts } : {};
  } catch {
    return {};
  }
}
