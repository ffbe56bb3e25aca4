import type { Asking } from "./ask-docker.ts";
import { type Around, askBuilder, type BuilderAnswer, brokenBuilder, contextBuilder, madeBuilder } from "./buildx-builders.ts";
import { type BrokenBuilder, buildxFolder, type DeclaredBuilder, declaredBuilders } from "./buildx-folder.ts";
import type { Env } from "./docker-endpoint.ts";
import type { BuilderFact } from "./facts.ts";
import type { HostFiles } from "./ports.ts";

/** Of so many builders each is asked what it says now; of others only the file is told. */
const ASKED_LIMIT = 24;

/** Builders that are being asked. */
export interface AskedBuilders {
  /** Those that have a file. */
  readonly made: readonly (DeclaredBuilder | BrokenBuilder)[];
  /** Begins to ask the `docker` driver's builder of a context; again, it does nothing. */
  ask(context: string): void;
  /** All of them, when all have answered or their time is over. @param contexts  those that are there */
  facts(contexts: readonly string[], around: Around): Promise<readonly BuilderFact[]>;
}

/** Begins to ask all builders that have a file, all at once. */
export function askBuilders(asking: Asking, files: HostFiles, env: Env, home: string): AskedBuilders {
  const made = declaredBuilders(buildxFolder(env, home), files);
  const answers = new Map<string, Promise<BuilderAnswer>>();
  const answerOf = (name: string): Promise<BuilderAnswer> => {
    let answer = answers.get(name);
    if (answer === undefined) {
      const tooMany = answers.size >= ASKED_LIMIT;
      answer = tooMany
        ? Promise.resolve({ silence: `it was not asked: there are more than ${ASKED_LIMIT} builders`, unreachable: false })
        : askBuilder(asking, name);
      // Who reads the facts hears of it; until then it is nobody's.
      answer.catch(() => {});
      answers.set(name, answer);
    }
    return answer;
  };
  for (const builder of made) if ("nodes" in builder) void answerOf(builder.name);
  return {
    made,
    ask: (context) => void answerOf(context),
    async facts(contexts, around) {
      const names = new Set(made.map(({ name }) => name));
      const [ofFiles, ofContexts] = await Promise.all([
        Promise.all(made.map(async (builder) => ("nodes" in builder ? madeBuilder(builder, await answerOf(builder.name), around) : brokenBuilder(builder)))),
        Promise.all(contexts.filter((name) => !names.has(name)).map(async (name) => contextBuilder(name, await answerOf(name), around))),
      ]);
      return [...ofFiles, ...ofContexts];
    },
  };
}
