import { join } from "node:path";

/** A folder of the corpus of real workflows: test data that lies beside the project, and may not be there. Without a name, the whole of it. */
export const corpusFolder = (...names: readonly string[]): string => join(process.env.MULTIHULL_CORPUS ?? "../shared/corpus", ...names);

/** Every `share`-th of real workflows: `npm test` looks at some, `.ci/run` at all (MULTIHULL_WHOLE_CORPUS), for all of them take long. */
export const someOf = <T>(all: readonly T[], share: number): readonly T[] =>
  process.env.MULTIHULL_WHOLE_CORPUS === undefined ? all.filter((_, i) => i % share === 0) : all;
