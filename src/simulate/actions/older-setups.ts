import type { ActionModel } from "../action-model.ts";
import { madeUpName } from "../builder-name.ts";
import type { Operation } from "../operation.ts";
import { knownText, textOf } from "../text.ts";
import { builderOf, outcome, textsOf } from "./asked.ts";

const IMAGE = "image=ghcr.io/dpsigs/moby-buildkit:master";

/** docker-practice/actions-setup-docker: replaces the machine's Docker by packages of docker.com, restarts it, and (by default) registers all emulators and makes a builder. */
export const practiceSetupDocker: ActionModel = {
  uses: ["docker-practice/actions-setup-docker"],
  model: ({ inputs, place }) => {
    const config = inputs.text("docker_daemon_json");
    const daemon: Operation = {
      kind: "start-daemon",
      place,
      context: undefined,
      // Where the distribution has no packages of the version asked for, it takes the newest.
      version: undefined,
      config: config === undefined ? undefined : (textOf(config) ?? null),
      store: "unknown",
      rootless: false,
    };
    const makes = inputs.switch("docker_buildx", true).value;
    if (makes === false) return outcome([daemon]);
    if (makes === undefined) {
      return outcome([
        daemon,
        { kind: "doubt", place, sentence: "docker-practice/actions-setup-docker may have made a builder", about: ["builder", "emulators"] },
      ]);
    }
    return outcome([
      daemon,
      { kind: "install-emulators", place, architectures: "all", image: knownText("ghcr.io/dpsigs/tonistiigi-binfmt:latest", place) },
      builderOf(place, "docker-container", { name: knownText("mybuilder", place), driverOptions: textsOf([knownText(IMAGE, place)], place) }),
    ]);
  },
};

/** crazy-max/ghaction-docker-buildx, the forerunner of docker/setup-buildx-action: emulators and a builder. */
export const olderSetupBuildx: ActionModel = {
  uses: ["crazy-max/ghaction-docker-buildx"],
  model: ({ inputs, place, id }) =>
    outcome([
      { kind: "install-emulators", place, architectures: "all", image: undefined },
      builderOf(place, "docker-container", {
        name: knownText(madeUpName("builder", id), place),
        buildxVersion: inputs.text("buildx-version") ?? inputs.text("version"),
      }),
    ]),
};
