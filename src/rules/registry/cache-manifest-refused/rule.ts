import { cacheIsImageManifest, registryFacts } from "../../../facts/registries.ts";
import { attributesOf } from "../../../simulate/attributes.ts";
import { builderOf } from "../../../simulate/builder-of.ts";
import { shownText } from "../../../simulate/text.ts";
import { advice } from "../../remedies/remedy.ts";
import { defineRule } from "../../rule.ts";
import { imageNameOf } from "../image-name.ts";
import { referencesIn } from "../pushes.ts";

export const rule = defineRule({
  meta: {
    id: "cache-manifest-refused",
    summary: "an old BuildKit writes its cache to a registry in a form that the registry refuses",
    severity: "error",
    confidence: "likely",
    fix: "none",
    covers: ["registry-cache-unsupported"],
  },
  build({ build, event }, report) {
    if (build.cacheTo.items.length === 0) return;
    const resolved = builderOf(build, event.before);
    const image = resolved.builder?.driverOptions.get("image");
    const version = image === undefined ? undefined : /:v?(\d+\.\d+\.\d+)/.exec(image)?.[1];
    if (version === undefined || cacheIsImageManifest(version) !== false) return;
    for (const entry of build.cacheTo.items) {
      const { fields, open } = attributesOf(entry);
      const [ref] = referencesIn({ items: [entry], open: false, place: undefined }, "registry");
      const facts = ref && registryFacts(imageNameOf(ref).host ?? "");
      if (
        open ||
        fields.get("image-manifest") === "true" ||
        fields.get("ignore-error") === "true" ||
        ref === undefined ||
        facts?.cacheWantsImageManifest !== true
      )
        continue;
      report({
        message: `${facts.name} refuses the cache as BuildKit ${version} writes it`,
        place: build.place,
        key: shownText(ref),
        facts: [
          { sentence: `the cache goes to ${facts.name}: "${shownText(ref)}"`, place: entry.place },
          { sentence: `the builder's BuildKit is ${version}, which writes a list of manifests (${facts.source})`, place: resolved.builder?.fact.place },
        ],
        log: { tool: "BuildKit", lines: ["error writing manifest blob"] },
        cause: "older releases write the cache as a list of manifests that is no image; some registries take only what looks like an image",
        remedies: [
          advice("add image-manifest=true,oci-mediatypes=true to cache-to", "none"),
          advice("take a newer BuildKit: leave `image` out of driver-opts", "the builder's release changes with time"),
        ],
      });
    }
  },
});
