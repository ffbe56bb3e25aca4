import { byCodeUnit } from "../core/order.ts";
import { type Assumptions, assume, NO_ASSUMPTIONS } from "./expression/assumptions.ts";
import { type Given, type GivenObject, open, UNKNOWN, UNKNOWN_BOOLEAN } from "./expression/data.ts";

/** What is known of the repository that a workflow stands in. */
export interface RepositoryFacts {
  /** `owner/name`; unknown when absent. */
  readonly repository?: string | undefined;
  readonly defaultBranch?: string | undefined;
}

/** Keys of `github.event` that only some events bring: elsewhere they are null. */
const OWN_KEYS = [
  "action",
  "check_run",
  "check_suite",
  "client_payload",
  "comment",
  "commits",
  "deployment",
  "discussion",
  "head_commit",
  "inputs",
  "issue",
  "label",
  "merge_group",
  "number",
  "pull_request",
  "release",
  "review",
  "schedule",
  "workflow_run",
];

/** A git ref as `github` tells it. */
export interface GitRef {
  readonly ref: Given;
  readonly name: Given;
  readonly type: "branch" | "tag";
}

export const branchRef = (name: string): GitRef => ({ ref: `refs/heads/${name}`, name, type: "branch" });
export const tagRef = (name: string): GitRef => ({ ref: `refs/tags/${name}`, name, type: "tag" });

/** The `github` context of an event; what is not told by it is unknown. `event` is what the event itself brings. */
export function githubContext(event: string, at: GitRef, own: { readonly [key: string]: Given }, branch: string, facts: RepositoryFacts): GivenObject {
  const absent = Object.fromEntries(OWN_KEYS.map((key) => [key, null]));
  return open({
    event_name: event,
    ref: at.ref,
    ref_name: at.name,
    ref_type: at.type,
    ref_protected: UNKNOWN_BOOLEAN,
    base_ref: "",
    head_ref: "",
    repository: facts.repository ?? UNKNOWN,
    repository_owner: facts.repository?.split("/")[0] ?? UNKNOWN,
    server_url: "https://github.com",
    api_url: "https://api.github.com",
    graphql_url: "https://api.github.com/graphql",
    event: open({ ...absent, repository: repositoryOf(branch, facts), ...own }),
  });
}

function repositoryOf(branch: string, facts: RepositoryFacts): GivenObject {
  return open({
    default_branch: branch,
    ...(facts.repository === undefined ? {} : { full_name: facts.repository, name: facts.repository.split("/")[1] ?? "" }),
  });
}

/** `github.event.pull_request` of a pull request from the same repository, or from a fork. */
export function pullRequest(fromFork: boolean, base: string, facts: RepositoryFacts): GivenObject {
  const full = facts.repository;
  const same = full === undefined ? {} : { full_name: full, owner: open({ login: full.split("/")[0] ?? "" }) };
  // A fork's name is unknown, but it is another one: see the assumptions.
  const head = open({ repo: open({ fork: fromFork, ...(fromFork ? {} : same) }) });
  return open({
    number: UNKNOWN,
    draft: UNKNOWN_BOOLEAN,
    merged: UNKNOWN_BOOLEAN,
    head,
    base: open({ ref: base, repo: open({ ...same, default_branch: UNKNOWN }) }),
  });
}

const HEAD = "github.event.pull_request.head.repo";
const SAME: readonly (readonly [string, readonly string[]])[] = [
  [`${HEAD}.full_name`, ["github.repository", "github.event.pull_request.base.repo.full_name", "github.event.repository.full_name"]],
  [`${HEAD}.owner.login`, ["github.repository_owner", "github.event.repository.owner.login"]],
  [`${HEAD}.id`, ["github.event.pull_request.base.repo.id", "github.repository_id"]],
  ["github.event.pull_request.head.user.login", ["github.repository_owner"]],
];

/** What holds of the comparisons by which workflows ask whether a pull request comes from a fork. */
export function pullRequestAssumptions(fromFork: boolean, facts: RepositoryFacts): Assumptions {
  let assumptions = NO_ASSUMPTIONS;
  const owner = facts.repository?.split("/")[0];
  for (const [head, others] of SAME) {
    for (const other of others) assumptions = assume(assumptions, [head, other].sort(byCodeUnit).join(" == "), !fromFork);
    if (facts.repository !== undefined && head.endsWith("full_name")) assumptions = assume(assumptions, `${head} == '${facts.repository}'`, !fromFork);
    if (owner !== undefined && head.endsWith("login")) assumptions = assume(assumptions, `${head} == '${owner}'`, !fromFork);
  }
  return assumptions;
}
