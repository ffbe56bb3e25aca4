import type { FileEdit } from "../../findings/finding.ts";
import type { StepPlace } from "../../simulate/trace.ts";
import type { YamlPatch } from "../../yaml/patch.ts";

/** Patches of the file that a step or job is in. */
export const yamlEdit = ({ file }: Pick<StepPlace, "file">, ...patches: readonly YamlPatch[]): FileEdit => ({ kind: "yaml", file, patches });
