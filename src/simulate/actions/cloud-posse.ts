import type { ActionModel } from "../action-model.ts";
import { madeUpName } from "../builder-name.ts";
import { knownText, textOf } from "../text.ts";
import { builderOf, buildOf, joined, logInOf, outcome } from "./asked.ts";

/** cloudposse/github-action-docker-build-push: emulators, a builder, a log-in and docker/build-push-action in one. It always pushes; its tags are the commit's. */
export const cloudPosseBuild: ActionModel = {
  uses: ["cloudposse/github-action-docker-build-push"],
  model: ({ inputs, place, id }) => {
    const registry = inputs.text("registry");
    const username = inputs.text("login");
    const given = inputs.text("workdir");
    const known = given === undefined ? "." : textOf(given)?.replace(/\/+$/, "");
    const folder = known === undefined ? (given ?? knownText(".", place)) : knownText(known, place);
    const image = inputs.text("image_name") ?? joined(place, inputs.text("organization"), "/", inputs.text("repository"));
    const lines = { commas: false } as const;
    const name = knownText(madeUpName("builder", id), place);
    return outcome(
      [
        { kind: "create-context", place, name: knownText("buildx-context", place), endpoint: undefined },
        { kind: "install-emulators", place, architectures: "all", image: inputs.text("binfmt-image") },
        builderOf(place, "docker-container", { name, endpoint: knownText("buildx-context", place), driverOptions: inputs.list("driver-opts", lines) }),
        ...(username === undefined ? [] : [logInOf(place, { registry, username, password: inputs.text("password") })]),
        buildOf(place, "docker/build-push-action", {
          platforms: inputs.list("platforms"),
          tags: { items: [], open: true, place: undefined },
          push: { value: true, atoms: [], place: undefined },
          cacheFrom: inputs.list("cache-from", lines),
          cacheTo: inputs.list("cache-to", lines),
          provenance: inputs.text("provenance"),
          file: joined(place, folder, "/", inputs.text("file") ?? "Dockerfile"),
          context: folder,
          stage: inputs.text("target"),
          buildArgs: inputs.list("build-args", lines),
          buildContexts: inputs.list("build-contexts", lines),
          secrets: inputs.list("secrets", lines),
          network: inputs.text("network"),
          allow: inputs.list("allow"),
        }),
      ],
      { image: joined(place, registry, "/", image) },
    );
  },
};
