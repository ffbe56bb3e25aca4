import type { ActionModel } from "../action-model.ts";
import { madeUpName } from "../builder-name.ts";
import type { Operation } from "../operation.ts";
import { knownText, NO_TEXTS, splitText, type Text, textOf } from "../text.ts";
import { builderOf, buildOf, joined, logInOf, outcome, textsOf } from "./asked.ts";

/** elgohr/Publish-Docker-Github-Action: logs in; with platforms `docker buildx build --push` by the current builder, else `docker build` and a push. */
export const publishDocker: ActionModel = {
  uses: ["elgohr/publish-docker-github-action"],
  model: ({ inputs, place }) => {
    const registry = inputs.text("registry");
    const name = inputs.text("name");
    const image = registry === undefined || startsWith(name, registry) ? joined(place, name) : joined(place, registry, "/", name);
    const list = inputs.list("tags");
    const tags = { items: list.items.map((tag) => joined(place, image, ":", tag)), open: list.open || list.items.length === 0, place: list.place };
    const keeps = inputs.switch("no_push", false).value;
    const platforms = inputs.list("platforms");
    const many = platforms.items.length > 0;
    const directory = inputs.text("workdir");
    const inside = (path: Text): Text => (directory === undefined ? path : joined(place, directory, "/", path));
    const dockerfile = inputs.text("dockerfile");
    const build = buildOf(place, many ? "docker buildx build" : "docker build", {
      platforms,
      tags,
      push: { value: many ? (keeps === undefined ? undefined : !keeps) : false, atoms: [], place: undefined },
      file: dockerfile === undefined ? undefined : inside(dockerfile),
      context: inside(inputs.text("context") ?? knownText(".", place)),
      buildArgs: inputs.list("buildargs"),
      cacheFrom: inputs.switch("cache", false).value === true ? { items: tags.items.slice(0, 1), open: false, place: undefined } : NO_TEXTS,
    });
    const username = inputs.text("username");
    return outcome([
      ...(username === undefined ? [] : [logInOf(place, { registry, username, password: inputs.text("password") })]),
      build,
      ...(many || keeps !== false ? [] : tags.items.map((tag): Operation => ({ kind: "push-image", place, tool: "docker", image: tag, platform: undefined }))),
    ]);
  },
};

const startsWith = (text: Text | undefined, start: Text): boolean => textOf(text)?.startsWith(`${textOf(start) ?? " "}/`) === true;

/** mr-smithers-excellent/docker-build-push: with `multiPlatform` it makes a builder of its own and pushes; else `docker build` and a push. */
export const dockerBuildPush: ActionModel = {
  uses: ["mr-smithers-excellent/docker-build-push"],
  model: ({ inputs, place, id }) => {
    const registry = inputs.text("registry");
    const many = inputs.switch("multiPlatform", false).value;
    const pushes = inputs.switch("pushImage", true).value;
    const image = joined(place, registry, "/", inputs.text("image"));
    const list = inputs.list("tags");
    const tags = { items: list.items.map((tag) => joined(place, image, ":", tag)), open: list.open || list.items.length === 0, place: list.place };
    const operations: Operation[] = [];
    if (inputs.switch("skipLogin", false).value !== true)
      operations.push(logInOf(place, { registry, username: inputs.text("username"), password: inputs.text("password") }));
    if (many === true && inputs.switch("overrideDriver", false).value === false) {
      operations.push(builderOf(place, "docker-container", { name: knownText(madeUpName("builder", id), place) }));
    }
    const platform = inputs.text("platform");
    operations.push(
      buildOf(place, many === false ? "docker build" : many === true ? "docker buildx build" : "other", {
        platforms: platform === undefined ? NO_TEXTS : textsOf(splitText(platform, ","), place),
        tags,
        push: { value: many === true ? pushes : many, atoms: [], place: undefined },
        file: inputs.text("dockerfile"),
        context: inputs.text("directory") ?? knownText(".", place),
        stage: inputs.text("target"),
        buildArgs: inputs.list("buildArgs"),
        labels: inputs.list("labels"),
        cacheFrom: inputs.list("cacheFrom", { commas: false }),
        cacheTo: inputs.list("cacheTo", { commas: false }),
      }),
    );
    if (many === false && pushes === true)
      operations.push(...tags.items.map((tag): Operation => ({ kind: "push-image", place, tool: "docker", image: tag, platform: undefined })));
    return outcome(operations, { imageFullName: image });
  },
};
