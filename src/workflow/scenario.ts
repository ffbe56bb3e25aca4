import { type Assumptions, NO_ASSUMPTIONS } from "./expression/assumptions.ts";
import type { Contexts, Given, GivenObject } from "./expression/data.ts";
import { open, UNKNOWN } from "./expression/data.ts";
import { exampleNames, pushCanBe, triggerAdmits } from "./filter.ts";
import { branchRef, type GitRef, githubContext, pullRequest, pullRequestAssumptions, type RepositoryFacts, tagRef } from "./github-context.ts";
import { MOST_SCENARIOS } from "./limits.ts";
import type { Trigger, Workflow } from "./model.ts";
import { callChoices, dispatchChoices, type InputChoice } from "./scenario-inputs.ts";

/** One way a workflow can be started that its conditions can tell apart from others. */
export interface Scenario {
  /** Unique within the workflow: `push main`, `pull_request from a fork`. */
  readonly id: string;
  /** For people, to stand after "on": `a push to main`, `a pull request from a fork`. */
  readonly sentence: string;
  readonly trigger: Trigger;
  readonly kind: ScenarioKind;
  /** `github`, `inputs`, and `secrets` where they are withheld. All other contexts are up to whoever walks the jobs. */
  readonly contexts: Contexts;
  /** What holds beside the contexts: give it to `evaluate`, and add to it. */
  readonly assumptions: Assumptions;
}

export type ScenarioKind =
  | "default-branch"
  | "branch"
  | "tag"
  | "same-repository"
  | "fork"
  | "schedule"
  | "release"
  | "dispatch"
  | "call"
  | "merge-group"
  | "other";

const BRANCHES = ["feature", "develop", "release/1.2", "release-1.2", "v1.2", "feature/x"];
/** By which a workflow asks whether it runs on a tag. */
const TAG_WORDS = /refs\/tags|\bref_type\b|GITHUB_REF_TYPE/;
const TAGS = ["v1.2.3", "1.2.3", "v1.2.3-rc.1", "v1.2", "v1"];
/** How conditions ask for a branch. */
const ASKED_BRANCH = /\brefs\/heads\/([\w.-]+)|\bref_name\s*==\s*'([^']+)'/g;
/** Of more branches in conditions, only the first are told apart. */
const MOST_ASKED_BRANCHES = 8;
/** What a repository's default branch is called when nobody says and filters, or else conditions, name one of them. */
const DEFAULT_BRANCHES = ["main", "master", "trunk", "develop", "dev"];

/** Every way to start a workflow, in the file's order of events, at most {@link MOST_SCENARIOS}. */
export function scenariosOf(workflow: Workflow, facts: RepositoryFacts = {}): readonly Scenario[] {
  const askedBranches = [...workflow.file.text.matchAll(ASKED_BRANCH)].map(([, ref, name]) => ref ?? name ?? "").slice(0, MOST_ASKED_BRANCHES);
  const branch = facts.defaultBranch ?? guessedDefaultBranch(workflow, askedBranches);
  const asksForTags = TAG_WORDS.test(workflow.file.text);
  const all = workflow.triggers.flatMap((trigger) => startOf(trigger.event)({ trigger, branch, facts, asksForTags, askedBranches }));
  const seen = new Set<string>();
  return all.filter(({ id }) => !seen.has(id) && seen.add(id)).slice(0, MOST_SCENARIOS);
}

function guessedDefaultBranch(workflow: Workflow, asked: readonly string[]): string {
  const filters = workflow.triggers.flatMap((trigger) => trigger.filters.branches ?? []).map((pattern) => pattern.text);
  const named = filters.length > 0 ? filters : asked;
  return DEFAULT_BRANCHES.find((name) => named.includes(name)) ?? "main";
}

interface Start {
  readonly trigger: Trigger;
  readonly branch: string;
  readonly facts: RepositoryFacts;
  /** The file looks at whether its ref is a tag: a start by hand on one is told apart. */
  readonly asksForTags: boolean;
  /** Branches that the file names in conditions: a push to each is told apart where its filters let it. */
  readonly askedBranches: readonly string[];
}

interface Told {
  readonly id: string;
  readonly sentence: string;
  readonly kind: ScenarioKind;
  readonly at: GitRef;
  readonly event?: { readonly [key: string]: Given };
  readonly github?: { readonly [key: string]: Given };
  readonly choice?: InputChoice;
  readonly secrets?: GivenObject;
  readonly assumptions?: Assumptions;
}

function scenario({ trigger, branch, facts }: Start, told: Told): Scenario {
  const github = githubContext(trigger.event, told.at, { ...told.event, ...activity(trigger) }, branch, facts);
  return {
    id: told.id,
    sentence: told.sentence,
    trigger,
    kind: told.kind,
    contexts: {
      github: open({ ...github, ...told.github }),
      inputs: told.choice?.inputs ?? {},
      ...(told.secrets === undefined ? {} : { secrets: told.secrets }),
    },
    assumptions: told.assumptions ?? told.choice?.assumptions ?? NO_ASSUMPTIONS,
  };
}

/** `github.event.action`: the only type asked for, or unknown; events without types have none. */
function activity(trigger: Trigger): { readonly [key: string]: Given } {
  if (["push", "schedule", "workflow_dispatch", "workflow_call"].includes(trigger.event)) return {};
  const [only, ...others] = trigger.types ?? [];
  return { action: only !== undefined && others.length === 0 ? only.text : UNKNOWN };
}

function push(start: Start): Scenario[] {
  const { trigger, branch } = start;
  const branches = pushCanBe(trigger, "branches") ? exampleNames(trigger, "branches", [branch, ...BRANCHES]) : [];
  const others = pushCanBe(trigger, "branches") && trigger.filters.branches === undefined ? exampleNames(trigger, "branches", BRANCHES) : [];
  const asked = pushCanBe(trigger, "branches") ? start.askedBranches.filter((name) => triggerAdmits(trigger, "branches", name)) : [];
  const tags = pushCanBe(trigger, "tags") ? exampleNames(trigger, "tags", TAGS) : [];
  const event: { readonly [key: string]: Given } = { head_commit: UNKNOWN, commits: UNKNOWN, deleted: false };
  return [
    ...[...branches, ...others, ...asked].map((name) =>
      scenario(start, {
        id: `push ${name}`,
        sentence:
          name === branch
            ? `a push to the default branch ${name}`
            : start.askedBranches.includes(name)
              ? `a push to the branch ${name}`
              : `a push to a branch such as ${name}`,
        kind: name === branch ? "default-branch" : "branch",
        at: branchRef(name),
        event: { ...event, ref: `refs/heads/${name}` },
      }),
    ),
    ...tags.map((name) =>
      scenario(start, {
        id: `push tag ${name}`,
        sentence: `a push of a tag such as ${name}`,
        kind: "tag",
        at: tagRef(name),
        event: { ...event, ref: `refs/tags/${name}` },
      }),
    ),
  ];
}

function pullRequestOf(start: Start): Scenario[] {
  const { trigger, branch, facts } = start;
  const target = trigger.event === "pull_request_target";
  return exampleNames(trigger, "branches", [branch, ...BRANCHES]).flatMap((base) =>
    [false, true].map((fromFork) => {
      const from = fromFork ? "a fork" : "the same repository";
      const into = base === branch ? "" : ` into ${base}`;
      return scenario(start, {
        id: `${trigger.event} from ${from}${into}`,
        sentence: `a pull request from ${from}${into}${target ? " (pull_request_target)" : ""}`,
        kind: fromFork ? "fork" : "same-repository",
        at: target ? branchRef(base) : { ref: "refs/pull/1/merge", name: "1/merge", type: "branch" },
        event: { number: UNKNOWN, pull_request: pullRequest(fromFork, base, facts) },
        github: { base_ref: base, head_ref: UNKNOWN },
        // GitHub gives a fork's run no secret but a token that may only read.
        ...(fromFork && !target ? { secrets: { GITHUB_TOKEN: UNKNOWN } } : {}),
        assumptions: pullRequestAssumptions(fromFork, facts),
      });
    }),
  );
}

function schedule(start: Start): Scenario[] {
  const crons = start.trigger.cron.map((cron) => cron.text);
  return (crons.length === 0 ? [undefined] : crons).map((cron) =>
    scenario(start, {
      id: crons.length > 1 ? `schedule ${cron}` : "schedule",
      sentence: crons.length > 1 ? `the schedule "${cron}"` : "its schedule",
      kind: "schedule",
      at: branchRef(start.branch),
      event: { schedule: cron ?? UNKNOWN },
    }),
  );
}

function release(start: Start): Scenario[] {
  const tag = TAGS[0] as string;
  return [
    scenario(start, {
      id: "release",
      sentence: `a release such as ${tag}`,
      kind: "release",
      at: tagRef(tag),
      event: { release: open({ tag_name: tag }) },
    }),
  ];
}

/** On the default branch; where the file asks for tags, also on one with the defaults of its inputs. */
function dispatch(start: Start): Scenario[] {
  const choices = dispatchChoices(start.trigger.inputs);
  const [defaults] = choices;
  const onTag = start.asksForTags && defaults !== undefined ? [dispatchAt(start, defaults, tagRef(TAGS[0] as string), ` on a tag such as ${TAGS[0]}`)] : [];
  return [...choices.map((choice) => dispatchAt(start, choice, branchRef(start.branch), "")), ...onTag];
}

function dispatchAt(start: Start, choice: InputChoice, at: GitRef, where: string): Scenario {
  // `github.event.inputs` has every value as text.
  const texts = Object.fromEntries(
    Object.entries(choice.inputs).map(([name, value]): [string, Given] => [
      name,
      typeof value === "symbol" || typeof value === "object" ? UNKNOWN : String(value),
    ]),
  );
  return scenario(start, {
    id: `workflow_dispatch ${choice.words}`.trim() + where,
    sentence: `a start by hand ${choice.words}`.trim() + where,
    kind: "dispatch",
    at,
    event: { inputs: texts },
    choice,
  });
}

/** A called workflow sees the `github` context of whoever calls: all of it is unknown. */
function call(start: Start): Scenario[] {
  return callChoices(start.trigger.inputs).map((choice) => ({
    id: `workflow_call ${choice.words}`.trim(),
    sentence: `a call by another workflow ${choice.words}`.trim(),
    trigger: start.trigger,
    kind: "call",
    contexts: {
      github: open(
        start.facts.repository === undefined ? {} : { repository: start.facts.repository, repository_owner: start.facts.repository.split("/")[0] ?? "" },
      ),
      inputs: choice.inputs,
    },
    assumptions: choice.assumptions,
  }));
}

function mergeGroup(start: Start): Scenario[] {
  const name = `gh-readonly-queue/${start.branch}/pr-1`;
  return [
    scenario(start, {
      id: "merge_group",
      sentence: "a merge queue",
      kind: "merge-group",
      at: branchRef(name),
      event: { merge_group: open({ base_ref: `refs/heads/${start.branch}`, head_ref: `refs/heads/${name}` }) },
    }),
  ];
}

/** Any other event runs on the default branch, or on a ref that cannot be known; it brings what it is called after. */
function otherEvent(start: Start): Scenario[] {
  const { event } = start.trigger;
  const elsewhere = ["create", "delete", "deployment", "deployment_status", "pull_request_review", "pull_request_review_comment", "registry_package"].includes(
    event,
  );
  const own = Object.fromEntries(
    ["issue", "comment", "label", "discussion", "deployment", "workflow_run", "check_run", "check_suite", "client_payload", "pull_request", "review"].map(
      (key): [string, Given] => [key, UNKNOWN],
    ),
  );
  return [
    scenario(start, {
      id: event,
      sentence: `the event ${event}`,
      kind: "other",
      at: elsewhere ? { ref: UNKNOWN, name: UNKNOWN, type: "branch" } : branchRef(start.branch),
      event: own,
      ...(elsewhere ? { github: { ref_type: UNKNOWN } } : {}),
    }),
  ];
}

/** How each event starts a run; any other is told once. */
const STARTS: Readonly<Record<string, (start: Start) => Scenario[]>> = {
  push,
  pull_request: pullRequestOf,
  pull_request_target: pullRequestOf,
  schedule,
  release,
  workflow_dispatch: dispatch,
  workflow_call: call,
  merge_group: mergeGroup,
};

const startOf = (event: string): ((start: Start) => Scenario[]) => (Object.hasOwn(STARTS, event) ? STARTS[event] : undefined) ?? otherEvent;
