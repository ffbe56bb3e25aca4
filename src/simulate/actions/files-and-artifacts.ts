import type { ActionModel } from "../action-model.ts";
import { knownText } from "../text.ts";
import { outcome } from "./asked.ts";

export const checkout: ActionModel = {
  uses: ["actions/checkout"],
  model: ({ inputs, place }) => outcome([{ kind: "check-out", place, ref: inputs.text("ref"), path: inputs.text("path") }]),
};

export const uploadArtifact: ActionModel = {
  uses: ["actions/upload-artifact"],
  model: ({ inputs, place }) =>
    outcome([
      { kind: "upload-artifact", place, name: inputs.text("name") ?? knownText("artifact", place), overwrite: inputs.switch("overwrite", false).value },
    ]),
};

export const downloadArtifact: ActionModel = {
  uses: ["actions/download-artifact"],
  model: ({ inputs, place }) => outcome([{ kind: "download-artifact", place, name: inputs.text("name"), pattern: inputs.text("pattern") }]),
};
