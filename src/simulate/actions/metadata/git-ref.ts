import type { GithubFacts } from "../../action-model.ts";
import type { Hole } from "../../text.ts";

/** The ref that a workflow runs for, as the action sees it. Names may hold marks for what is not known. */
export interface SeenRef {
  /** Undefined: nobody knows. */
  readonly kind: "branch" | "tag" | "pull" | undefined;
  /** The branch's or tag's name; of a pull request, its number. */
  readonly name: string;
  readonly event: string | undefined;
  readonly defaultBranch: string | undefined;
}

/** @param unknown  makes a mark for a hole */
export function seenRef(github: GithubFacts, unknown: (hole: Hole) => string): SeenRef {
  const { event, ref, defaultBranch } = github;
  const at = (kind: SeenRef["kind"], name: string): SeenRef => ({ kind, name, event, defaultBranch });
  const number = (): string => unknown({ source: "github.event.number", atoms: [] });
  // The action takes the pull request's ref there, not the target branch's.
  if (event === "pull_request_target") return at("pull", number());
  if (ref?.startsWith("refs/heads/") === true) return at("branch", ref.slice("refs/heads/".length));
  if (ref?.startsWith("refs/tags/") === true) return at("tag", ref.slice("refs/tags/".length));
  if (ref?.startsWith("refs/pull/") === true) return at("pull", ref.slice("refs/pull/".length).replace(/\/merge$/, ""));
  if (event?.startsWith("pull_request") === true) return at("pull", number());
  const name = github.refName ?? unknown({ source: "github.ref_name", atoms: [] });
  return at(github.refType, name);
}
