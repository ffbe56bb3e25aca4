import type { Case } from "../case.ts";
import { ADD } from "./add.ts";
import { CONFIG } from "./config.ts";
import { CONTEXT } from "./context.ts";
import { COPY } from "./copy.ts";
import { FROM_AND_ARG } from "./from-and-arg.ts";
import { OUTPUT } from "./output.ts";
import { SYNTAX } from "./syntax.ts";

/** Every case, with unique names. */
export const CASES: readonly Case[] = [...FROM_AND_ARG, ...CONFIG, ...SYNTAX, ...COPY, ...ADD, ...CONTEXT, ...OUTPUT];
