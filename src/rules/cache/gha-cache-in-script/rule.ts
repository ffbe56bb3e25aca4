import { shownText, type Texts } from "../../../simulate/text.ts";
import type { Trace } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";
import { type CacheEntry, cacheEntries } from "../cache-entries.ts";

export const rule = defineRule({
  meta: {
    id: "gha-cache-in-script",
    summary: "a script asks for GitHub's cache, whose address and token only actions are given",
    severity: "warning",
    confidence: "certain",
    fix: "none",
    covers: ["gha-token-not-exposed"],
  },
  build(at, report) {
    if (!SCRIPTS.has(at.build.through) || mayHaveToken(at)) return;
    const [entry] = [at.build.cacheTo, at.build.cacheFrom].flatMap(githubs);
    if (entry === undefined) return;
    report({
      message: `"${shownText(entry.text)}" does nothing in a script: Buildx leaves it out`,
      place: entry.text.place,
      confidence: at.event.sure && at.event.before.runner.kind === "hosted" && entry.certain ? "certain" : "likely",
      facts: [{ sentence: "this script is not told ACTIONS_RUNTIME_TOKEN, without which there is no way to the cache", place: at.build.place }],
      cause: "GitHub tells the address and the token of its cache to actions alone: a script does not see them, and Buildx then drops the cache without a word",
      remedies: [
        advice("hand the token on with crazy-max/ghaction-github-runtime in a step before", "every later step of the job can read and write the cache"),
        advice("build with docker/build-push-action or docker/bake-action, which have it", "the script's flags become inputs"),
      ],
    });
  },
});

const SCRIPTS = new Set<string>(["docker buildx build", "docker buildx bake", "docker build", "docker compose"]);
const TOKEN = "ACTIONS_RUNTIME_TOKEN";

const githubs = (texts: Texts): readonly CacheEntry[] =>
  cacheEntries(texts).filter(({ type, fields, open }) => type === "gha" && !open && !fields.has("token"));

/** A step before may hand it on: an action that does, or a script of github-script. */
function mayHaveToken({ build, event, trace }: BuildEvent): boolean {
  if (build.variables?.has(TOKEN) === true || event.before.variables.has(TOKEN) || event.before.doubts.length > 0) return true;
  return handsOn(trace, event.step.index) || event.step.action !== undefined;
}

const handsOn = ({ steps }: Trace, until: number): boolean =>
  steps.some(
    ({ index, step, place, action }) =>
      index < until && (action === "actions/github-script" || place.file.text.slice(step.node.span.start, step.node.span.end).includes("ACTIONS_")),
  );
