// biome-ignore-all lint/suspicious/noTemplateCurlyInString: workflow expressions
import { describe, expect, test } from "vitest";
import { actionDoes, type GivenStep } from "../../../../test/harness/action-step.ts";

type Github = NonNullable<GivenStep["github"]>;
const branch = (name: string): Github => ({ event: "push", ref: `refs/heads/${name}`, refName: name, refType: "branch" });
const tag = (name: string): Github => ({ event: "push", ref: `refs/tags/${name}`, refName: name, refType: "tag" });
const PULL: Github = { event: "pull_request", ref: "refs/pull/2/merge", refName: "2/merge", refType: "branch" };
const PULL_UNKNOWN: Github = { event: "pull_request", ref: undefined, refName: undefined, refType: "branch" };
const SCHEDULE: Github = { event: "schedule", ref: "refs/heads/main", refName: "main", refType: "branch" };
const CALLED: Github = { event: undefined, ref: undefined, refName: undefined, refType: undefined };

const tagsOf = (tags: readonly string[], github: Github, more: Readonly<Record<string, string>> = {}): readonly string[] => {
  const given = { images: "user/app", ...(tags.length === 0 ? {} : { tags: tags.join("\n") }), ...more };
  const { outputs } = actionDoes("docker/metadata-action", { major: 5, with: given, github });
  return outputs.tags?.split("\n").filter((line) => line !== "") ?? ["nothing known"];
};

const SEMVER = ["type=semver,pattern={{version}}", "type=semver,pattern={{major}}.{{minor}}", "type=semver,pattern={{major}}"];

describe("tags", () => {
  const cases: readonly [name: string, tags: readonly string[], github: Github, wanted: readonly string[], more?: Readonly<Record<string, string>>][] = [
    ["no rules, a branch", [], branch("dev"), ["user/app:dev"]],
    ["no rules, a branch with a slash", [], branch("feature/x"), ["user/app:feature-x"]],
    ["no rules, a tag, which is the latest", [], tag("v1.1.1"), ["user/app:v1.1.1", "user/app:latest"]],
    ["no rules, a pull request", [], PULL, ["user/app:pr-2"]],
    ["no rules, a pull request of unknown number", [], PULL_UNKNOWN, ["user/app:pr-${{ github.event.number }}"]],
    ["no rules, a schedule: nightly before the branch", [], SCHEDULE, ["user/app:nightly", "user/app:main"]],
    [
      "pull_request_target counts as the pull request",
      ["type=ref,event=branch", "type=ref,event=pr"],
      { ...branch("main"), event: "pull_request_target" },
      ["user/app:pr-${{ github.event.number }}"],
    ],
    ["semver of a tag", SEMVER, tag("v1.2.3"), ["user/app:1.2.3", "user/app:1.2", "user/app:1", "user/app:latest"]],
    ["semver of a pre-release is its version whatever the pattern", SEMVER, tag("v2.0.8-beta.67"), ["user/app:2.0.8-beta.67"]],
    ["semver raw of a pre-release", ["type=semver,pattern={{raw}}"], tag("v2.0.8-beta.67"), ["user/app:v2.0.8-beta.67"]],
    ["semver without the v", ["type=semver,pattern=v{{version}}"], tag("1.2.3"), ["user/app:v1.2.3", "user/app:latest"]],
    ["semver of what is no version", SEMVER, tag("v1.2"), []],
    ["semver of a branch", SEMVER, branch("v1.2.3"), []],
    ["semver of a value", ["type=semver,pattern={{version}},value=v3.0.1"], branch("main"), ["user/app:3.0.1", "user/app:latest"]],
    ["semver of a part of a tag", ["type=semver,pattern={{version}},match=app-(.*)"], tag("app-1.4.0"), ["user/app:1.4.0", "user/app:latest"]],
    ["build numbers are not tags' parts", ["type=semver,pattern={{version}}"], tag("v1.2.3+7"), ["user/app:1.2.3", "user/app:latest"]],
    [
      "pep440",
      ["type=pep440,pattern={{version}}", "type=pep440,pattern={{major}}.{{minor}}"],
      tag("1.2.3"),
      ["user/app:1.2.3", "user/app:1.2", "user/app:latest"],
    ],
    ["pep440 of a pre-release", ["type=pep440,pattern={{major}}"], tag("v1.2.3-rc.1"), ["user/app:1.2.3rc1"]],
    ["pep440 of what is none", ["type=pep440,pattern={{version}}"], tag("release"), []],
    ["match", ["type=match,pattern=v(\\d+.\\d+),group=1"], tag("v1.2.3"), ["user/app:1.2", "user/app:latest"]],
    ["match with a regular expression", ['"type=match,pattern=/V(\\d)/i,group=1"'], tag("v1.2.3"), ["user/app:1", "user/app:latest"]],
    ["match of nothing", ["type=match,pattern=\\d{8}"], tag("v1.2.3"), []],
    ["edge on the default branch", ["type=edge"], branch("main"), ["user/app:edge"]],
    ["edge elsewhere", ["type=edge"], branch("dev"), []],
    ["edge of a branch", ["type=edge,branch=dev"], branch("dev"), ["user/app:edge"]],
    ["sha", ["type=sha"], branch("main"), ["user/app:sha-${{ the short github.sha }}"]],
    ["sha, long and bare", ["type=sha,format=long,prefix="], branch("main"), ["user/app:${{ github.sha }}"]],
    ["raw", ["type=raw,value=foo", "bar"], branch("main"), ["user/app:foo", "user/app:bar"]],
    ["raw with what the event tells", ["type=raw,value={{branch}}-x"], branch("main"), ["user/app:main-x"]],
    ["only on the default branch, there", ["type=raw,value=latest,enable={{is_default_branch}}"], branch("main"), ["user/app:latest"]],
    ["only on the default branch, elsewhere", ["type=raw,value=latest,enable={{is_default_branch}}"], branch("dev"), []],
    ["only elsewhere", ["type=raw,value=dev,enable={{is_not_default_branch}}"], branch("dev"), ["user/app:dev"]],
    ["switched off", ["type=raw,value=a,enable=false", "type=raw,value=b,enable=true"], branch("main"), ["user/app:b"]],
    [
      "maybe",
      ["type=raw,value=latest,enable=${{ vars.LATEST }}", "type=sha"],
      branch("main"),
      ["${{ vars.LATEST && 'user/app:latest' || '' }}", "user/app:sha-${{ the short github.sha }}"],
    ],
    [
      "latest for sure, though a rule for it is not",
      ["type=raw,value=latest,enable=${{ vars.LATEST }},priority=1", "type=ref,event=tag"],
      tag("v1"),
      ["user/app:v1", "user/app:latest"],
    ],
    ["a schedule with a date", ["type=schedule,pattern={{date 'YYYYMMDD'}}"], SCHEDULE, ["user/app:${{ date YYYYMMDD }}"]],
    ["a schedule's pattern", ["type=schedule,pattern=weekly"], SCHEDULE, ["user/app:weekly"]],
    ["a schedule's rule on a push", ["type=schedule"], branch("main"), []],
    ["prefix and suffix of a rule", ["type=ref,event=branch,prefix=br-,suffix=-x"], branch("main"), ["user/app:br-main-x"]],
    ["a pull request's prefix may be another", ["type=ref,event=pr,prefix=pull-"], PULL, ["user/app:pull-2"]],
    ["the flavor's prefix and suffix", [...SEMVER.slice(0, 1)], tag("v1.0.0"), ["user/app:a-1.0.0-z", "user/app:latest"], { flavor: "prefix=a-\nsuffix=-z" }],
    [
      "the flavor's suffix on latest",
      [...SEMVER.slice(0, 1)],
      tag("v1.0.0"),
      ["user/app:1.0.0-arm64", "user/app:latest-arm64"],
      { flavor: "suffix=-arm64,onlatest=true" },
    ],
    ["latest=false", [...SEMVER.slice(0, 1)], tag("v1.0.0"), ["user/app:1.0.0"], { flavor: "latest=false" }],
    ["latest=true", ["type=ref,event=branch"], branch("dev"), ["user/app:dev", "user/app:latest"], { flavor: "latest=true" }],
    ["latest=true without any tag", ["type=ref,event=tag"], branch("dev"), [], { flavor: "latest=true" }],
    [
      "the rule of the highest priority tells whether it is the latest",
      ["type=ref,event=branch,priority=2000", "type=raw,value=x"],
      branch("dev"),
      ["user/app:dev", "user/app:x"],
    ],
    ["equal tags once", ["type=raw,value=a", "type=raw,value=a"], branch("dev"), ["user/app:a"]],
    ["comments and empty lines", ["# type=sha", "", "type=raw,value=a"], branch("dev"), ["user/app:a"]],
    ["several images", ["type=raw,value=a"], branch("dev"), ["user/app:a", "ghcr.io/user/app:a"], { images: "user/app\nghcr.io/User/App" }],
    ["several images on one line, the old form", ["type=raw,value=a"], branch("dev"), ["a/b:a", "c/d:a"], { images: "a/b,c/d" }],
    ["images that are switched off", ["type=raw,value=a"], branch("dev"), ["c/d:a"], { images: "name=a/b,enable=false\nname=c/d" }],
    ["no images: names of tags alone", ["type=raw,value=a"], branch("dev"), ["a"], { images: "" }],
    ["an unknown image", ["type=raw,value=a"], branch("dev"), ["ghcr.io/${{ vars.IMAGE }}:a"], { images: "ghcr.io/${{ vars.IMAGE }}" }],
    ["an unknown value", ["type=raw,value=${{ inputs.tag }}"], branch("dev"), ["user/app:${{ inputs.tag }}"]],
    [
      "a version nobody knows yet, and so whether it is the latest",
      ["type=semver,pattern={{version}},value=${{ inputs.version }}"],
      branch("dev"),
      ["user/app:${{ the version as {{version}} }}", "${{ 'user/app:latest' or nothing }}"],
    ],
    ["an unknown line", ["${{ inputs.tags }}", "type=raw,value=a"], branch("dev"), ["user/app:a", "${{ inputs.tags }}"]],
    ["an event nobody knows", ["type=ref,event=branch"], CALLED, ["${{ 'user/app:${{ github.ref_name }}' or nothing }}"]],
    ["an unknown kind of rule fails the step", ["type=branch"], branch("dev"), ["nothing known"]],
    ["a rule without its pattern fails the step", ["type=semver"], tag("v1.0.0"), ["nothing known"]],
    ["an unknown flavor fails the step", ["type=sha"], branch("dev"), ["nothing known"], { flavor: "last=true" }],
  ];
  test.each(cases)("%s", (_, tags, github, wanted, more) => {
    expect(tagsOf(tags, github, more)).toEqual(wanted);
  });
});

describe("other outputs", () => {
  test("version, names of tags, labels", () => {
    const { outputs } = actionDoes("docker/metadata-action", {
      major: 5,
      with: { images: "user/app", tags: SEMVER.join("\n"), labels: "org.opencontainers.image.title=Mine\na=b" },
      github: tag("v1.2.3"),
    });
    expect(outputs.version).toBe("1.2.3");
    expect(outputs["tag-names"]).toBe("1.2.3\n1.2\n1\nlatest");
    expect(outputs.labels?.split("\n")).toEqual([
      "a=b",
      "org.opencontainers.image.created=${{ the time of the build }}",
      "org.opencontainers.image.description=${{ github.event.repository.description }}",
      "org.opencontainers.image.licenses=${{ github.event.repository.license.spdx_id }}",
      "org.opencontainers.image.revision=${{ github.sha }}",
      "org.opencontainers.image.source=https://github.com/octo/app",
      "org.opencontainers.image.title=Mine",
      "org.opencontainers.image.url=https://github.com/octo/app",
      "org.opencontainers.image.version=1.2.3",
    ]);
  });

  test("no tag gives an empty version", () => {
    const { outputs } = actionDoes("docker/metadata-action", { major: 5, with: { images: "a", tags: "type=edge" }, github: branch("dev") });
    expect([outputs.version, outputs.tags]).toEqual(["", ""]);
  });

  test("separators", () => {
    const { outputs } = actionDoes("docker/metadata-action", { major: 5, with: { images: "a", tags: "x\ny", "sep-tags": "," }, github: branch("dev") });
    expect(outputs.tags).toBe("a:x,a:y");
  });

  test("variables since v4, unless they are switched off", () => {
    const variables = (major: number, env: Readonly<Record<string, string>> = {}) =>
      actionDoes("docker/metadata-action", { major, with: { images: "a", tags: "x" }, env }).operations.filter((line) => line.includes("OUTPUT_TAGS"));
    expect(variables(5)).toEqual(["set-variable name=DOCKER_METADATA_OUTPUT_TAGS value=a:x"]);
    expect(variables(3)).toEqual([]);
    expect(variables(5, { DOCKER_METADATA_SET_OUTPUT_ENV: "false" })).toEqual([]);
  });

  test("v1 had other inputs: nothing is known", () => {
    expect(actionDoes("crazy-max/ghaction-docker-meta", { major: 1, with: { images: "a", "tag-sha": "true" } })).toEqual({ operations: [], outputs: {} });
  });
});
