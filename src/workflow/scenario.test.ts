import { describe, expect, test } from "vitest";
import { evaluate } from "./expression/evaluate.ts";
import { truthOf } from "./expression/value.ts";
import type { RepositoryFacts } from "./github-context.ts";
import { MOST_SCENARIOS } from "./limits.ts";
import { readWorkflow } from "./read-workflow.ts";
import { type Scenario, scenariosOf } from "./scenario.ts";

function scenarios(on: string, facts: RepositoryFacts = {}): readonly Scenario[] {
  const { workflow } = readWorkflow({
    name: "w.yml",
    text: `on:\n  ${on.trim().replaceAll("\n", "\n  ")}\njobs: { a: { runs-on: x, steps: [{ run: x }] } }\n`,
  });
  return workflow === undefined ? [] : scenariosOf(workflow, facts);
}

describe("ways to start", () => {
  const cases: Record<string, { on: string; ids: string[] }> = {
    "a bare push": { on: "push:", ids: ["push main", "push feature", "push tag v1.2.3"] },
    "a bare push, where conditions ask for a branch": {
      on: "push: # if: github.ref == 'refs/heads/master'",
      ids: ["push master", "push feature", "push tag v1.2.3"],
    },
    "branches that conditions ask for": {
      on: "push: # refs/heads/main || github.ref_name == 'stable' || refs/heads/stable",
      ids: ["push main", "push feature", "push stable", "push tag v1.2.3"],
    },
    "branches that conditions ask for in vain": { on: "push: { branches: [main] } # refs/heads/stable", ids: ["push main"] },
    "filters say more than conditions": { on: "push: { branches: [main] } # refs/heads/master", ids: ["push main"] },
    "branches shut tags out": { on: "push: { branches: [master] }", ids: ["push master"] },
    "tags shut branches out": { on: "push: { tags: ['v*', 'release-*'] }", ids: ["push tag v1.2.3", "push tag release-1"] },
    "branches and tags": {
      on: "push: { branches: [main, 'release/**'], tags: ['[0-9]+.[0-9]+.[0-9]+'] }",
      ids: ["push main", "push release/1.2", "push tag 1.2.3"],
    },
    "all but some branches": { on: "push: { branches-ignore: [main] }", ids: ["push feature"] },
    "paths let everything else through": { on: "push: { paths: ['src/**'] }", ids: ["push main", "push feature", "push tag v1.2.3"] },
    "a pull request": { on: "pull_request:", ids: ["pull_request from the same repository", "pull_request from a fork"] },
    "a pull request into another branch": {
      on: "pull_request: { branches: [next] }",
      ids: ["pull_request from the same repository into next", "pull_request from a fork into next"],
    },
    "a pull request's target": { on: "pull_request_target:", ids: ["pull_request_target from the same repository", "pull_request_target from a fork"] },
    "by hand": { on: "workflow_dispatch:", ids: ["workflow_dispatch"] },
    "by hand, where the file asks for tags": {
      on: "workflow_dispatch: # only on refs/tags/v*",
      ids: ["workflow_dispatch", "workflow_dispatch on a tag such as v1.2.3"],
    },
    "by hand with inputs": {
      on: "workflow_dispatch: { inputs: { push: { type: boolean, default: true }, arch: { type: choice, options: [a, b] }, tag: { type: string } } }",
      ids: [
        "workflow_dispatch with its defaults",
        "workflow_dispatch with push = false",
        "workflow_dispatch with arch = b",
        "workflow_dispatch with tag filled in",
      ],
    },
    "by call": {
      on: "workflow_call: { inputs: { push: { type: boolean, default: false } } }",
      ids: ["workflow_call with its defaults", "workflow_call with inputs of the caller's"],
    },
    "by one schedule": { on: "schedule: [{ cron: '0 0 * * *' }]", ids: ["schedule"] },
    "by two schedules": { on: "schedule: [{ cron: '0 0 * * *' }, { cron: '0 1 * * *' }]", ids: ["schedule 0 0 * * *", "schedule 0 1 * * *"] },
    "by others": { on: "release: { types: [published] }\nmerge_group:\nissue_comment:", ids: ["release", "merge_group", "issue_comment"] },
    "by what nobody knows": { on: "constructor:", ids: ["constructor"] },
  };
  for (const [name, { on, ids }] of Object.entries(cases)) test(name, () => expect(scenarios(on).map(({ id }) => id)).toEqual(ids));

  test("a sentence for each, all different", () => {
    const all = scenarios("push:\npull_request:\nworkflow_dispatch: { inputs: { a: { type: boolean } } }\nrelease:\nschedule: [{ cron: '0 0 * * *' }]");
    expect(all.map(({ sentence }) => sentence)).toEqual([
      "a push to the default branch main",
      "a push to a branch such as feature",
      "a push of a tag such as v1.2.3",
      "a pull request from the same repository",
      "a pull request from a fork",
      "a start by hand with its defaults",
      "a start by hand with a = true",
      "a release such as v1.2.3",
      "its schedule",
    ]);
  });

  test("never too many", () =>
    expect(scenarios(`push: { branches: [${Array.from({ length: 200 }, (_, i) => `b${i}`).join(", ")}] }`)).toHaveLength(MOST_SCENARIOS));
});

describe("what conditions say", () => {
  const on =
    "push:\npull_request: { types: [opened, labeled] }\nrelease: { types: [published] }\nworkflow_dispatch: { inputs: { push: { type: boolean, default: true } } }\nschedule: [{ cron: '0 0 * * *' }]";
  const rows: Record<string, Record<string, boolean | undefined>> = {
    "github.ref == 'refs/heads/main'": {
      "push main": true,
      "push feature": false,
      "push tag v1.2.3": false,
      "pull_request from a fork": false,
      release: false,
      schedule: true,
    },
    "startsWith(github.ref, 'refs/tags/')": { "push main": false, "push tag v1.2.3": true, release: true },
    "github.ref_type == 'tag'": { "push feature": false, "push tag v1.2.3": true },
    "github.event_name == 'schedule'": { "push main": false, schedule: true },
    "github.ref_name == github.event.repository.default_branch": { "push main": true, "push feature": false },
    "github.event.pull_request.head.repo.full_name == github.repository": {
      "pull_request from a fork": false,
      "pull_request from the same repository": true,
      "push main": undefined,
    },
    "github.repository == github.event.pull_request.head.repo.full_name": { "pull_request from a fork": false, "pull_request from the same repository": true },
    "github.event.pull_request.head.repo.fork": { "pull_request from a fork": true, "pull_request from the same repository": false, "push main": false },
    "github.event.action == 'published'": { release: true, "push main": false, "pull_request from a fork": undefined },
    "github.event.release.tag_name == 'v1.2.3'": { release: true, "push main": false },
    "github.event.number": { "pull_request from a fork": undefined, "push main": false },
    "inputs.push": { "workflow_dispatch with its defaults": true, "workflow_dispatch with push = false": false, "push main": false },
    "github.event.inputs.push == 'true'": { "workflow_dispatch with its defaults": true, "workflow_dispatch with push = false": false, "push main": false },
    "secrets.DOCKER_TOKEN != ''": { "pull_request from a fork": false, "pull_request from the same repository": undefined, "push main": undefined },
    "github.actor == 'me'": { "push main": undefined },
    "github.repository == 'o/r'": { "push main": undefined },
  };
  for (const [condition, wanted] of Object.entries(rows)) {
    test(condition, () => {
      const said = Object.fromEntries(scenarios(on).map(({ id, contexts, assumptions }) => [id, truthOf(evaluate(condition, contexts, { assumptions }))]));
      expect(said).toMatchObject(wanted);
    });
  }

  test("with the repository's name known", () => {
    const facts: RepositoryFacts = { repository: "o/r", defaultBranch: "trunk" };
    const truth = (id: string, condition: string) => {
      const found = scenarios(on, facts).find((scenario) => scenario.id === id);
      return found && truthOf(evaluate(condition, found.contexts, { assumptions: found.assumptions }));
    };
    expect(truth("push trunk", "github.repository == 'o/r' && github.repository_owner == 'o'")).toBe(true);
    expect(truth("pull_request from a fork", "github.event.pull_request.head.repo.full_name == github.repository")).toBe(false);
    expect(truth("pull_request from the same repository", "github.event.pull_request.head.repo.full_name == github.repository")).toBe(true);
    expect(truth("pull_request from a fork", "github.event.pull_request.head.repo.full_name != 'o/r'")).toBe(true);
  });

  test("a call knows nothing of its caller", () => {
    const [call] = scenarios("workflow_call:");
    expect(call && truthOf(evaluate("github.event_name == 'push'", call.contexts))).toBeUndefined();
  });
});
