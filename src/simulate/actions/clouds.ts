import type { ActionModel } from "../action-model.ts";
import { madeUpName } from "../builder-name.ts";
import { knownText } from "../text.ts";
import { builderOf, NOTHING, outcome, textsOf, unknownText } from "./asked.ts";
import { bakeAsked } from "./bake.ts";
import { buildAsked } from "./build-push.ts";

/** depot/setup-action: with `configure-docker`, Docker's builds go to Depot's machines from then on. */
export const depotSetup: ActionModel = {
  uses: ["depot/setup-action"],
  model: ({ inputs, place, id }) => {
    const configures = inputs.switch("configure-docker", false).value;
    if (configures === false) return NOTHING;
    if (configures === undefined)
      return outcome([{ kind: "doubt", place, sentence: "depot/setup-action may have sent Docker's builds to Depot", about: ["builder"] }]);
    return outcome([builderOf(place, "remote", { name: knownText(`depot-${id}`, place) }), { kind: "install-buildx", place }]);
  },
};

/** Depot's own build: natively on machines of both architectures; Docker's builders play no part. */
export const depotBuild: ActionModel = {
  uses: ["depot/build-push-action"],
  model: (step) => outcome([buildAsked(step, "other")]),
};

export const depotBake: ActionModel = {
  uses: ["depot/bake-action"],
  model: (step, environment) => outcome(bakeAsked(step, environment).map((build) => ({ ...build, through: "other" as const }))),
};

/** Namespace: a remote builder of two machines, amd64 and arm64, which loads what it builds unless told not to. */
export const namespaceBuildx: ActionModel = {
  uses: ["namespacelabs/nscloud-setup-buildx-action"],
  model: ({ inputs, place, id }) => {
    const name = inputs.text("builder-name") ?? knownText(madeUpName("nsc", id), place);
    const loads = inputs.switch("load-to-docker", true).value !== false;
    const driverOptions = loads ? textsOf([knownText("default-load=true", place)], place) : textsOf([], place);
    const node = (platform: string) => ({ name, driverOptions, platforms: textsOf([knownText(platform, place)], place) });
    return outcome([builderOf(place, "remote", node("linux/amd64")), builderOf(place, "remote", { ...node("linux/arm64"), append: true, use: false })]);
  },
};

/** Installs Namespace's command line and logs in to its registry. */
export const namespaceSetup: ActionModel = {
  uses: ["namespacelabs/nscloud-setup"],
  model: ({ place, id }) => {
    const registry = unknownText(`steps.${id}.outputs.registry-address`, place);
    return outcome([{ kind: "log-in", place, registry, username: undefined, password: undefined, tool: "docker" }], { "registry-address": registry });
  },
};

/** Blacksmith: a remote builder; where that fails, what is there already. */
export const blacksmithBuilder: ActionModel = {
  uses: ["useblacksmith/setup-docker-builder"],
  model: ({ inputs, place, id }) =>
    outcome([
      builderOf(place, "remote", {
        name: knownText(`blacksmith-${id}`, place),
        platforms: inputs.list("platforms"),
        buildxVersion: inputs.text("buildx-version"),
      }),
    ]),
};

/** v1 makes that builder itself; v2 builds with the current one. */
export const blacksmithBuild: ActionModel = {
  uses: ["useblacksmith/build-push-action"],
  model: (step) => {
    const build = buildAsked(step, "docker/build-push-action");
    if (step.major !== 1) return outcome([build]);
    const name = knownText(`blacksmith-${step.id}`, step.place);
    return outcome([
      builderOf(step.place, "remote", { name, platforms: step.inputs.list("platforms"), buildxVersion: step.inputs.text("buildx-version") }),
      build,
    ]);
  },
};
