import { formatPlatform, type Platform } from "../core/platform.ts";
import { isProblem } from "../core/problem.ts";
import { formatReference, parseReference } from "../core/reference.ts";
import type { NamedContext } from "./request.ts";

export type FindContext = (name: string, platform: Platform) => { readonly name: string; readonly context: NamedContext } | undefined;

/**
 * How --build-context names are looked up: as image names in their shortest form, so that `alpine`, `alpine:latest` and
 * `docker.io/library/alpine` are one; `NAME::os/arch` goes before `NAME`. `scratch` and `context` cannot be replaced.
 * @see moby/buildkit frontend/dockerui/config.go `NamedContext`, read 2026-11-22
 */
export function contextFinder(contexts: ReadonlyMap<string, NamedContext>): FindContext {
  const byName = new Map<string, { readonly name: string; readonly context: NamedContext }>();
  for (const [name, context] of contexts) {
    const [plain, platform] = name.split("::") as [string, string?];
    const short = shortName(plain) ?? plain;
    byName.set(platform === undefined ? short : `${short}::${platform}`, { name, context });
  }
  return (name, platform) => {
    if (/^(?:scratch|context)$/i.test(name)) return undefined;
    const short = shortName(name);
    return short === undefined ? undefined : (byName.get(`${short}::${formatPlatform(platform)}`) ?? byName.get(short));
  };
}

/** An image's name as people say it: without Docker Hub's registry and `:latest`; undefined when the text names no image. */
function shortName(text: string): string | undefined {
  try {
    const { registry, repository, ...rest } = parseReference(text);
    const full = formatReference({ registry, repository, ...rest });
    const short = registry === "docker.io" ? full.slice("docker.io/".length).replace(/^library\//, "") : full;
    return short.replace(/:latest$/, "");
  } catch (error) {
    if (isProblem(error)) return undefined;
    throw error;
  }
}
