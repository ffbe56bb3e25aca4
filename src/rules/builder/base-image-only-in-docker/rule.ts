import type { Fact } from "../../../findings/finding.ts";
import { builderOf } from "../../../simulate/builder-of.ts";
import { exportersOf } from "../../../simulate/exporters.ts";
import { shownText, type Text, textOf } from "../../../simulate/text.ts";
import type { Event } from "../../../simulate/trace.ts";
import { advice } from "../../remedies/remedy.ts";
import { type BuildEvent, defineRule } from "../../rule.ts";

export const rule = defineRule({
  meta: {
    id: "base-image-only-in-docker",
    summary: "an image builds on another that is only in Docker's own store, where its builder does not look",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["local-base-image-not-visible"],
  },
  build(at, report) {
    const { build, event, trace } = at;
    const { driver, builder } = builderOf(build, event.before);
    if (driver !== "docker-container" || builder === undefined) return;
    const base = basesOf(at).find((one) => isOnlyLocal(one.name, at));
    if (base === undefined) return;
    const local = event.before.images.findLast(({ name }) => textOf(name) === base.name)?.fact as Fact;
    report({
      message: `the builder does not see image "${base.name}", which is in Docker's own store alone`,
      place: build.place,
      key: build.name ?? "",
      confidence: event.sure && event.step.runs === "yes" && trace.start.runner.kind === "hosted" ? "likely" : "possible",
      facts: [local, builder.fact, { sentence: "the Dockerfile builds on that image", place: base.place }],
      log: logOf(base.name),
      cause:
        "A builder of Buildx runs apart from Docker, and does not look into its image store. It asks the registry for the base image: there is none of that name, or an older one than this job has made.",
      remedies: [
        advice('build both in one bake file, with `contexts = { NAME = "target:base" }`', "the two builds become one step"),
        advice(
          "push the base image, to a registry on localhost where it is not to be published, and build on what is there",
          "the builder needs `driver-opts: network=host` to reach localhost",
        ),
      ],
    });
  },
});

interface Base {
  readonly name: string;
  readonly place: Fact["place"];
}

/** Images that stages build on, as far as they are written out or given as a build argument. */
function basesOf({ build, stages }: BuildEvent): readonly Base[] {
  const names = new Set(stages?.flatMap(({ stage }) => stage.name ?? []));
  const given = new Map(build.buildArgs.items.flatMap((item): [string, Text][] => argument(item)));
  return (stages ?? []).flatMap(({ from }): Base[] => {
    const { text } = from.image;
    const variable = /^\$\{?(\w+)\}?$/.exec(text)?.[1];
    const value = variable === undefined ? undefined : given.get(variable);
    if (variable !== undefined) return value === undefined ? [] : [{ name: shownText(value), place: value.place }];
    return text.includes("$") || names.has(text.toLowerCase()) ? [] : [{ name: text, place: undefined }];
  });
}

function argument(item: Text): [string, Text][] {
  const whole = textOf(item);
  const at = whole?.indexOf("=") ?? -1;
  return whole === undefined || at === -1 ? [] : [[whole.slice(0, at), { parts: [whole.slice(at + 1)], place: item.place }]];
}

/** Built or loaded by this job, and in no registry as far as the job does it. */
function isOnlyLocal(name: string, { build, event, trace }: BuildEvent): boolean {
  const known = event.before.images.some((image) => textOf(image.name) === name && (image.how === "built" || image.how === "tagged"));
  const named = build.buildContexts.items.some((item) => shownText(item).startsWith(`${name}=`));
  return known && !named && !trace.events.slice(0, trace.events.indexOf(event)).some((one) => pushes(one, name));
}

function pushes({ operation }: Event, name: string): boolean {
  if (operation.kind === "push-image") return operation.image === undefined || textOf(operation.image) === name || textOf(operation.image) === undefined;
  return operation.kind === "build" && exportersOf(operation).some(({ push }) => push !== false) && operation.tags.items.some((tag) => textOf(tag) === name);
}

function logOf(name: string): { readonly tool: string; readonly lines: readonly string[] } | undefined {
  const host = name.split("/")[0] ?? "";
  if (name.includes("/") && /[.:]|^localhost$/.test(host)) return undefined;
  const full = `docker.io/${name.includes("/") ? "" : "library/"}${name}${/[:@]/.test(name) ? "" : ":latest"}`;
  const denied = "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed";
  return { tool: "BuildKit", lines: [`ERROR: failed to build: failed to solve: ${name}: failed to resolve source metadata for ${full}: ${denied}`] };
}
