import type { ActionModel } from "../action-model.ts";
import type { Text } from "../text.ts";
import { joined, outcome, textsOf, unknownText } from "./asked.ts";

/** Signs the provenance of one digest. */
export const attest: ActionModel = {
  uses: ["actions/attest-build-provenance", "actions/attest-sbom", "actions/attest"],
  model: ({ inputs, place }) => {
    const name = inputs.text("subject-name");
    if (name === undefined) return outcome([]);
    const digest = inputs.text("subject-digest");
    const image: Text = digest === undefined ? name : joined(name.place, name, "@", digest);
    return outcome([{ kind: "sign-image", place, tool: "attest-build-provenance", images: textsOf([image], image.place), recursive: undefined }]);
  },
};

/** noelware/docker-manifest-action: an index of images; since v1 by `docker buildx imagetools`, before by `docker manifest`. */
export const manifest: ActionModel = {
  uses: ["noelware/docker-manifest-action"],
  model: ({ inputs, place, major }) => {
    const names = inputs.given("tags") ? inputs.list("tags") : inputs.list("base-image");
    const sources = inputs.given("inputs") ? inputs.list("inputs") : inputs.list("extra-images");
    const imagetools = major !== 0 && inputs.switch("fallback", false).value !== true;
    const pushes = inputs.switch("push", false).value === true;
    return outcome([
      {
        kind: "create-index",
        place,
        tool: imagetools ? "imagetools" : "docker manifest",
        names,
        sources,
        amend: undefined,
        builder: undefined,
        pushes: imagetools,
      },
      ...(imagetools || !pushes ? [] : names.items.map((name) => ({ kind: "push-index", place, tool: "docker manifest", name, all: undefined }) as const)),
    ]);
  },
};

/** Runs an image on Cloud Run, which takes linux/amd64. */
export const cloudRun: ActionModel = {
  uses: ["google-github-actions/deploy-cloudrun"],
  model: ({ inputs, place }) => outcome([{ kind: "deploy", place, to: "cloud-run", image: inputs.text("image") }]),
};

/** Hands the cache service's address and token to `run:` steps. */
export const githubRuntime: ActionModel = {
  uses: ["crazy-max/ghaction-github-runtime"],
  model: ({ place }) =>
    outcome(
      ["ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL", "ACTIONS_CACHE_URL", "ACTIONS_RESULTS_URL", "ACTIONS_CACHE_SERVICE_V2"].map((name) => ({
        kind: "set-variable",
        place,
        name,
        value: unknownText(name, place),
      })),
    ),
};
