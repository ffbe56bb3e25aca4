import type { ActionModel, ActionStep } from "../action-model.ts";
import type { Build, Operation, Through } from "../operation.ts";
import { knownText, type Text } from "../text.ts";
import { bothTexts, buildOf, joined, logInOf, outcome, wordOf } from "./asked.ts";

/** docker/build-push-action: since v2 `docker buildx build`, by the current builder; v1 was another action. */
export const buildPush: ActionModel = {
  uses: ["docker/build-push-action"],
  model: (step) => outcome(step.major === 1 ? firstMajor(step) : [buildAsked(step, "docker/build-push-action")]),
};

/** What the inputs of v2 and later ask for; other actions took them over. */
export function buildAsked({ inputs, place, major }: ActionStep, through: Through): Build {
  const context = inputs.text("context");
  const call = wordOf(inputs.text("call"));
  const lines = { commas: false } as const;
  return buildOf(place, through, {
    builder: inputs.text("builder"),
    platforms: inputs.list("platforms"),
    tags: inputs.list("tags"),
    push: inputs.switch("push", false),
    load: inputs.switch("load", false),
    outputs: inputs.list("outputs", { commas: false, quotes: major !== undefined && major < 5 }),
    cacheTo: inputs.list("cache-to", lines),
    cacheFrom: inputs.list("cache-from", lines),
    provenance: inputs.text("provenance"),
    sbom: inputs.text("sbom"),
    attests: inputs.list("attests", lines),
    annotations: inputs.list("annotations", lines),
    labels: inputs.list("labels", lines),
    file: inputs.text("file"),
    context,
    gitContext: isGitContext(context),
    stage: inputs.text("target"),
    buildArgs: inputs.list("build-args", lines),
    buildContexts: inputs.list("build-contexts", lines),
    secrets: bothTexts(inputs.list("secrets", lines), inputs.list("secret-envs"), inputs.list("secret-files", lines)),
    network: inputs.text("network"),
    allow: inputs.list("allow"),
    onlyAsks: call !== undefined && call !== "build",
  });
}

/** The action's own context: the commit, fetched by BuildKit. */
export function isGitContext(context: Text | undefined): boolean {
  const [first] = context?.parts ?? [];
  return context === undefined || (typeof first === "string" && /^\{\{\s*defaultContext\s*\}\}/.test(first));
}

/** v1: log in, `docker build`, `docker push` of each tag. It knows no platforms. */
function firstMajor({ inputs, place }: ActionStep): Operation[] {
  const registry = inputs.text("registry");
  const repository = inputs.text("repository");
  const image = registry === undefined ? joined(place, repository) : joined(place, registry, "/", repository);
  const given = inputs.list("tags");
  const computed = ["tag_with_ref", "tag_with_sha"].some((name) => inputs.switch(name, false).value !== false);
  const tags = given.items.length === 0 && !computed ? [knownText("latest", place)] : given.items;
  const names = tags.map((tag) => joined(place, image, ":", tag));
  const username = inputs.text("username");
  const push = inputs.switch("push", true);
  const build = buildOf(place, "docker build", {
    tags: { items: names, open: given.open || computed, place: given.place },
    file: inputs.text("dockerfile"),
    context: inputs.text("path") ?? knownText(".", place),
    stage: inputs.text("target"),
    buildArgs: inputs.list("build_args"),
    labels: inputs.list("labels"),
    cacheFrom: inputs.list("cache_froms"),
  });
  return [
    ...(username === undefined ? [] : [logInOf(place, { registry, username, password: inputs.text("password") })]),
    build,
    ...(push.value === true ? names.map((name): Operation => ({ kind: "push-image", place, tool: "docker", image: name, platform: undefined })) : []),
  ];
}
