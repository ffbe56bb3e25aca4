import { setFlagsFromString } from "node:v8";

/**
 * Keeps V8 from optimizing WebAssembly in this process. A grammar's lexer is one function of a hundred thousand instructions: to optimize it takes
 * half a second and 40 MB, and reading is no faster afterwards (measured with Node 20: 0.09 s against 0.45 s for one workflow).
 * For whoever owns the process: a library must not do this.
 */
export const keepGrammarsPlain = (): void => setFlagsFromString("--liftoff-only");
