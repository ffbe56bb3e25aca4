import type { ActionModel, ActionStep } from "../action-model.ts";
import type { Operation } from "../operation.ts";
import { knownText, splitText, type Text, type Texts, textOf } from "../text.ts";
import { buildOf, joined, logInOf, outcome, textsOf } from "./asked.ts";

/** redhat-actions/buildah-build: `buildah bud`, once a platform; of several it makes a manifest list under each tag. */
export const buildahBuild: ActionModel = {
  uses: ["redhat-actions/buildah-build"],
  model: (step) => {
    const { inputs, place } = step;
    const platforms = platformsOf(step);
    const names = namesOf(step, inputs.text("tags"));
    const files = bothFiles(step);
    const lines = (name: string): Texts => ({ items: splitText(inputs.text(name) ?? knownText("", place), /\r?\n/), open: false, place });
    const base = inputs.text("base-image");
    const build = buildOf(place, "buildah", {
      platforms,
      tags: textsOf(names, place),
      annotations: lines("annotations"),
      labels: lines("labels"),
      file: files[0],
      inline: files.length > 0 ? undefined : joined(place, "FROM ", base ?? "scratch", "\n"),
      context: inputs.text("context") ?? knownText(".", place),
      buildArgs: lines("build-args"),
      manifest: platforms.items.length > 1 || platforms.open ? names[0] : undefined,
    });
    return outcome([build], { image: inputs.text("image"), tags: inputs.text("tags") ?? knownText("latest", place), "image-with-tag": names[0] });
  },
};

function platformsOf({ inputs, place }: ActionStep): Texts {
  const split = (name: string): readonly Text[] => splitText(inputs.text(name) ?? knownText("", place), ",");
  const platforms = [...split("platforms")];
  if (platforms.length === 0) platforms.push(...split("platform"));
  const architectures = [...split("archs")];
  if (architectures.length === 0) architectures.push(...split("arch"));
  const items = [...platforms, ...architectures.map((architecture) => joined(architecture.place, "linux/", architecture))];
  return { items, open: [...platforms, ...architectures].some(({ parts }) => parts.length === 1 && typeof parts[0] === "object"), place: items[0]?.place };
}

function bothFiles({ inputs, place }: ActionStep): readonly Text[] {
  const files = splitText(inputs.text("containerfiles") ?? knownText("", place), /\r?\n/);
  return files.length > 0 ? files : splitText(inputs.text("dockerfiles") ?? knownText("", place), /\r?\n/);
}

/** `image:tag` of each tag; tags that are whole names stand for themselves. */
function namesOf({ inputs, place }: ActionStep, tags: Text | undefined, before?: Text): readonly Text[] {
  const image = inputs.text("image");
  const whole = (tag: Text): boolean => tag.parts.some((part) => typeof part === "string" && (part.includes(":") || part.includes("/")));
  const items = splitText(tags ?? knownText("latest", place), /\s+/);
  return items.map((tag) => (image === undefined || whole(tag) ? tag : joined(place, ...(before === undefined ? [] : [before, "/"]), image, ":", tag)));
}

/** redhat-actions/push-to-registry: `podman push` of each tag, of manifest lists with all that is in them. */
export const pushToRegistry: ActionModel = {
  uses: ["redhat-actions/push-to-registry"],
  model: (step) => {
    const { inputs, place } = step;
    const registry = inputs.text("registry");
    const username = inputs.text("username");
    const trimmed = textOf(registry)?.replace(/\/+$/, "");
    const names = namesOf(step, inputs.text("tags"), trimmed === undefined ? registry : knownText(trimmed, place));
    const pushes = names.map((image): Operation => ({ kind: "push-image", place, tool: "podman", image, platform: undefined }));
    return outcome(
      [...(username === undefined ? [] : [logInOf(place, { registry, username, password: inputs.text("password"), tool: "podman" })]), ...pushes],
      {
        "registry-path": names[0],
      },
    );
  },
};
