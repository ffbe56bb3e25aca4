import type { Case } from "../case.ts";
import { ADD } from "./add.ts";
import { CONFIG } from "./config.ts";
import { CONTEXT } from "./context.ts";
import { COPY } from "./copy.ts";
import { FROM_AND_ARG } from "./from-and-arg.ts";
import { OUTPUT } from "./output.ts";
import { RUN_FILES } from "./run-files.ts";
import { RUN_MOUNTS } from "./run-mounts.ts";
import { RUN_PROGRAMS } from "./run-programs.ts";
import { RUN_STAGES } from "./run-stages.ts";
import { SYNTAX } from "./syntax.ts";

/** Cases whose programs run. */
export const RUN_CASES: readonly Case[] = [...RUN_FILES, ...RUN_MOUNTS, ...RUN_PROGRAMS, ...RUN_STAGES];

/** Every case, with unique names. */
export const CASES: readonly Case[] = [...FROM_AND_ARG, ...CONFIG, ...SYNTAX, ...COPY, ...ADD, ...CONTEXT, ...OUTPUT, ...RUN_CASES];
