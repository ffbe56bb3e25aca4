import type { Place } from "../core/span.ts";
import { type Contexts, type Given, type GivenObject, memberOf } from "../workflow/expression/data.ts";
import type { GithubFacts } from "./action-model.ts";
import { type Scope, textOfExpression } from "./evaluate-text.ts";
import type { Text } from "./text.ts";

/** What actions read of the event by themselves. @param read  told when one does */
export function githubFactsOf(contexts: Contexts, read: () => void): GithubFacts {
  const at = (...path: readonly string[]): Given | undefined => {
    read();
    return path.reduce<Given | undefined>((given, key) => (isObject(given) ? memberOf(given, key) : undefined), contexts.github);
  };
  const text = (...path: readonly string[]): string | undefined => {
    const given = at(...path);
    return typeof given === "string" ? given : undefined;
  };
  return {
    get event() {
      return text("event_name");
    },
    get ref() {
      return text("ref");
    },
    get refName() {
      return text("ref_name");
    },
    get refType() {
      const type = text("ref_type");
      return type === "branch" || type === "tag" ? type : undefined;
    },
    get defaultBranch() {
      return text("event", "repository", "default_branch");
    },
    get repository() {
      return text("repository");
    },
    get isPrivate() {
      const given = at("event", "repository", "private");
      return typeof given === "boolean" ? given : undefined;
    },
  };
}

const isObject = (given: Given | undefined): given is GivenObject => typeof given === "object" && given !== null && !Array.isArray(given);

/** The variables that GitHub gives every step, with the context they come of. */
const GIVEN_VARIABLES: ReadonlyMap<string, string> = new Map(
  "ref ref_name ref_type event_name repository repository_owner base_ref head_ref sha run_id run_number run_attempt actor workflow server_url"
    .split(" ")
    .map((name) => [`GITHUB_${name.toUpperCase()}`, `github.${name}`]),
);
const MENTION = /\bGITHUB_[A-Z_]+\b/g;

/** Those of GitHub's own variables that a script names. */
export function githubVariablesOf(script: string, place: Place, scope: Scope): ReadonlyMap<string, Text> {
  const found = new Map<string, Text>();
  if (!script.includes("GITHUB_")) return found;
  for (const [name] of script.matchAll(MENTION)) {
    const source = GIVEN_VARIABLES.get(name);
    if (source !== undefined && !found.has(name)) found.set(name, textOfExpression(source, place, scope));
  }
  return found;
}
