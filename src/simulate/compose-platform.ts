import type { BakeFile } from "../bake/bake-file.ts";
import { entryOf, type YamlNode } from "../yaml/tree.ts";
import { knownText, NO_TEXTS, type Text, type Texts } from "./text.ts";

/** `services.NAME.platform`, which compose builds for where `build.platforms` is not given (bake does not look at it). The last file that has it counts. */
export function servicePlatform(files: readonly BakeFile[], target: string): Texts {
  const found = files.flatMap((one) => platformIn(one, target) ?? []).at(-1);
  return found === undefined ? NO_TEXTS : { items: [found], open: false, place: found.place };
}

function platformIn({ file, content }: BakeFile, target: string): Text | undefined {
  if (content.form !== "compose") return undefined;
  const services = child(content.root, "services");
  // A target's name has no dots.
  const service = services?.kind === "mapping" ? services.entries.find(({ key }) => key.text.replaceAll(".", "_") === target)?.value : undefined;
  const value = child(service, "platform");
  if (value?.kind !== "scalar" || value.text === "") return undefined;
  const place = { file, span: value.span };
  return value.text.includes("$") ? { parts: [{ source: value.text, atoms: [] }], place } : knownText(value.text, place);
}

const child = (node: YamlNode | undefined, key: string): YamlNode | undefined => (node?.kind === "mapping" ? entryOf(node, key)?.value : undefined);
