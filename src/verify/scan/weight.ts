import type { LayerEntry } from "../../image/entry.ts";
import type { Binary } from "../binary/binary.ts";
import type { LayerBudget } from "./budget.ts";
import type { LayerContents } from "./contents.ts";

/** Takes what an entry keeps. @throws {ProblemError} `limit-exceeded` */
export function takeEntry(budget: LayerBudget, { path, link, xattrs }: LayerEntry): void {
  budget.take("entries", 1);
  let names = path.length + (link?.length ?? 0);
  for (const [key, value] of xattrs ?? []) names += key.length + value.length;
  budget.take("names", names);
}

/** Takes what a binary keeps. @throws {ProblemError} `limit-exceeded` */
export function takeBinary(budget: LayerBudget, binary: Binary): void {
  budget.take("binaries", 1);
  budget.take("binaryText", textOf(binary));
}

/** Takes all that was kept of a layer earlier. @throws {ProblemError} `limit-exceeded` */
export function takeContents(budget: LayerBudget, { index, binaries, scripts, texts, nested }: LayerContents): void {
  for (const entry of index.entries) takeEntry(budget, entry);
  for (const binary of binaries.values()) takeBinary(budget, binary);
  for (const line of scripts.values()) budget.take("scriptText", line.length);
  for (const text of texts.values()) budget.take("texts", text.length);
  for (const found of nested?.values() ?? []) {
    for (const { path, binary } of found) {
      budget.take("binaryText", path.length);
      takeBinary(budget, binary);
    }
  }
}

/** Characters that a binary's description holds. */
function textOf(binary: Binary): number {
  if (binary.format !== "elf") return 0;
  const { dynamic } = binary;
  let length = binary.interpreter?.length ?? 0;
  if (dynamic === undefined) return length;
  length += (dynamic.soname?.length ?? 0) + (dynamic.rpath?.length ?? 0) + (dynamic.runpath?.length ?? 0);
  for (const name of dynamic.needed) length += name.length;
  for (const name of dynamic.defines) length += name.length;
  for (const { file, versions } of dynamic.wants) {
    length += file.length;
    for (const { name } of versions) length += name.length;
  }
  return length;
}
