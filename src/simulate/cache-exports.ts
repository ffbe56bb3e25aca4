import { alternativesOf } from "./alternatives.ts";
import { attributesOf } from "./attributes.ts";
import type { Environment } from "./environment.ts";
import type { Build } from "./operation.ts";
import { knownText, type Text } from "./text.ts";

export interface CacheExport {
  readonly text: Text;
  /** False when nobody knows whether it is one. */
  readonly certain: boolean;
}

/** Entries of `--cache-to` that need a builder that exports caches: all but `type=inline`, and but those that Buildx drops in silence. */
export function exportedCaches(build: Build, environment: Environment): readonly CacheExport[] {
  return build.cacheTo.items.flatMap((text) => {
    const answers = (alternativesOf(text)?.map((one) => knownText(one, text.place)) ?? [text]).map((one) => isExported(one, build, environment));
    if (answers.every((answer) => answer === false)) return [];
    return [{ text, certain: answers.every((answer) => answer === true) }];
  });
}

function isExported(text: Text, build: Build, environment: Environment): boolean | undefined {
  if (text.parts.length === 0) return false;
  const { fields, bare, open } = attributesOf(text);
  const type = fields.get("type");
  if (type === undefined) return fields.has("type") || open ? undefined : bare !== undefined;
  if (type === "inline") return false;
  if (type === "gha") return fields.has("token") && (fields.has("url") || fields.has("url_v2")) ? true : hasRuntimeToken(build, environment);
  return true;
}

/** GitHub tells actions the address and token of its cache, and not scripts; without them Buildx leaves `type=gha` out. */
function hasRuntimeToken({ through, variables }: Build, environment: Environment): boolean | undefined {
  if (through === "docker/build-push-action" || through === "docker/bake-action") return true;
  if (variables?.has("ACTIONS_RUNTIME_TOKEN") === true || environment.variables.has("ACTIONS_RUNTIME_TOKEN")) return true;
  const isScript = through === "docker buildx build" || through === "docker buildx bake" || through === "docker build" || through === "docker compose";
  return isScript ? false : undefined;
}
