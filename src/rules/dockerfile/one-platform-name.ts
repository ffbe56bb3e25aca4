import { type Platform, parsePlatform } from "../../core/platform.ts";
import { architectureWords } from "./architecture-words.ts";

/** What an image's name says of its platform. */
export interface OnePlatform {
  readonly platform: Platform;
  /** The same image for every platform. */
  readonly plain: string | undefined;
  /** As BuildKit names it. */
  readonly full: string;
  readonly sure: boolean;
}

/** Docker Hub's folders of official images for one platform each. */
const NAMESPACE = /^(?:docker\.io\/|index\.docker\.io\/)?(amd64|arm32v5|arm32v6|arm32v7|arm64v8|i386|mips64le|ppc64le|riscv64|s390x)\/([^/]+)$/;
const PLATFORM_OF: Readonly<Record<string, string>> = { arm32v5: "arm/v5", arm32v6: "arm/v6", arm32v7: "arm/v7", arm64v8: "arm64", i386: "386" };
/** The end of a name or tag, or the beginning of a tag: `kube-proxy-arm64:v1`, `:latest-amd64`, `:amd64-latest`. */
const NAMED: readonly RegExp[] = [/[-_.:]([A-Za-z0-9]+(?:_64)?)$/, /:([A-Za-z0-9]+(?:_64)?)[-_.][^:/]*$/, /[-_./]([A-Za-z0-9]+(?:_64)?)(?::[^:/]*)?$/];

/** The one platform that an image is named for; undefined where its name tells none. */
export function onePlatformOf(image: string): OnePlatform | undefined {
  const name = image.replace(/@sha256:.*$/, "");
  const official = NAMESPACE.exec(name);
  if (official !== null) {
    const [, folder = "", rest = ""] = official;
    const plain = image === name ? rest : undefined;
    return {
      platform: parsePlatform(`linux/${PLATFORM_OF[folder] ?? folder}`),
      plain,
      full: `docker.io/${folder}/${rest.includes(":") ? rest : `${rest}:latest`}`,
      sure: true,
    };
  }
  const words = NAMED.flatMap((pattern) => pattern.exec(name)?.[1] ?? []).flatMap((part) =>
    architectureWords(part).filter(({ word }) => word.length === part.length),
  );
  const [word] = words;
  if (word === undefined || words.some(({ architecture }) => architecture !== word.architecture)) return undefined;
  return { platform: parsePlatform(`linux/${word.architecture}`), plain: undefined, full: image, sure: false };
}
