/** Every `share`-th: `npm test` tries some where all would take long, `.ci/run` tries all (MULTIHULL_ALL). */
export const someOf = <T>(all: readonly T[], share: number): readonly T[] =>
  process.env.MULTIHULL_ALL === undefined ? all.filter((_, i) => i % share === 0) : all;
