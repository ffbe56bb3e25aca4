import type { Telling } from "../circumstances.ts";
import { BUILDER_CAUSES } from "./builder.ts";
import { EMULATION_CAUSES } from "./emulation.ts";
import { REGISTRY_CAUSES } from "./registry.ts";

/** How failures that share a signature are told apart, by id. Those that share none are not here. */
export const TELLINGS: Readonly<Record<string, Telling>> = { ...BUILDER_CAUSES, ...EMULATION_CAUSES, ...REGISTRY_CAUSES };
