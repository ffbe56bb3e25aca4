import { join } from "node:path";

/** A folder of the corpus of real workflows: test data that lies beside the project, and may not be there. Without a name, the whole of it. */
export const corpusFolder = (...names: readonly string[]): string => join(process.env.MULTIHULL_CORPUS ?? "../shared/corpus", ...names);
