import { remembered } from "../../core/remembered.ts";
import { type Hole, shownText, type Text } from "../../simulate/text.ts";

/** The name of an image as far as the files tell it. */
export interface ImageName {
  /** As BuildKit compares it: `docker.io`, `ghcr.io`; undefined where an unknown part may be or hold it. */
  readonly host: string | undefined;
  /** The host as it stands, unknown parts as `${{ … }}`. Undefined where none does. */
  readonly shownHost: string | undefined;
  /** Without tag and digest; unknown parts as they stand. */
  readonly repository: string;
  /** Undefined: nobody knows. */
  readonly tagged: boolean | undefined;
  /** Undefined where there is none, or nobody knows. */
  readonly tag: string | undefined;
  readonly byDigest: boolean;
  /** Unknown parts of the repository. */
  readonly repositoryHoles: readonly Hole[];
  /** All unknown parts. */
  readonly holes: readonly Hole[];
  /** The whole of it, for people. */
  readonly shown: string;
}

export const DOCKER_HUB = "docker.io";
const HUB_NAMES: ReadonlySet<string> = new Set([DOCKER_HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"]);

/** No image's name holds these: each stands for an unknown part. */
const MARK = 0xe000;
const MARKS = /[\ue000-\uf8ff]/;
const ALL_MARKS = /[\ue000-\uf8ff]/g;

/** Reads `[HOST/]REPOSITORY[:TAG][@DIGEST]` with unknown parts in it. */
export const imageNameOf: (text: Text) => ImageName = remembered(read);

function read(text: Text): ImageName {
  const holes: Hole[] = [];
  const whole = text.parts.map((part) => (typeof part === "string" ? part : String.fromCharCode(MARK + holes.push(part) - 1))).join("");
  const shown = (marked: string): string =>
    marked.replace(ALL_MARKS, (mark) => shownText({ parts: [holes[mark.charCodeAt(0) - MARK] as Hole], place: text.place }));
  const at = whole.indexOf("@");
  const named = at === -1 ? whole : whole.slice(0, at);
  const slash = named.lastIndexOf("/");
  const colon = named.lastIndexOf(":");
  const hasTag = colon > slash;
  const repository = hasTag ? named.slice(0, colon) : named;
  const first = repository.includes("/") ? repository.slice(0, repository.indexOf("/")) : undefined;
  return {
    host: hostIn(first, repository, holes),
    shownHost: first === undefined ? undefined : shown(first),
    repository: shown(withoutHub(repository)),
    tagged: hasTag ? true : MARKS.test(named.slice(slash + 1)) ? undefined : false,
    tag: hasTag ? shown(named.slice(colon + 1)) : undefined,
    byDigest: at !== -1,
    repositoryHoles: holes.filter((_, i) => repository.includes(String.fromCharCode(MARK + i))),
    holes,
    shown: shown(whole),
  };
}

/** Values of GitHub that are a user's or organization's name, which no host can be. */
const OWNERS: ReadonlySet<string> = new Set(["github.repository", "github.repository_owner", "github.actor"]);

function hostIn(first: string | undefined, repository: string, holes: readonly Hole[]): string | undefined {
  const head = first ?? repository;
  if (MARKS.test(head)) {
    const only = head.length === 1 ? holes[head.charCodeAt(0) - MARK] : undefined;
    return only !== undefined && OWNERS.has(only.source) ? DOCKER_HUB : undefined;
  }
  if (first === undefined || !(/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first)) return DOCKER_HUB;
  const host = first.toLowerCase();
  return HUB_NAMES.has(host) ? DOCKER_HUB : host;
}

const withoutHub = (repository: string): string => repository.replace(/^(?:docker\.io|index\.docker\.io)\//, "").replace(/^library\//, "");

/** A registry on the machine itself, or one that only its own network knows by that name. */
export const isLocalHost = (host: string): boolean => /^(?:localhost|127\.[\d.]+|0\.0\.0\.0|\[::1\])(?::\d+)?$/.test(host);
/** A name that the world's name servers do not know. */
export const isPrivateHost = (host: string): boolean =>
  isLocalHost(host) ||
  !/\./.test(host) ||
  /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.[\d.]+(?::\d+)?$/.test(host) ||
  /\.(?:local|internal|lan|test|localdomain)(?::\d+)?$/.test(host);

/** With Docker Hub's host, and `library/` where Docker thinks of it, as BuildKit and registries print it. */
export function fullName({ host, repository, shown }: ImageName): string {
  if (host !== DOCKER_HUB) return shown;
  return `${DOCKER_HUB}/${repository.includes("/") ? "" : "library/"}${shown.replace(/^(?:index\.)?docker\.io\//, "").replace(/^library\//, "")}`;
}

/** `repository:tag`, with the tag that Docker takes when none is given: two names of one image are the same key. Undefined where nobody knows the tag. */
export function imageKey({ repository, tag, tagged, byDigest }: ImageName): string | undefined {
  return byDigest || tagged === undefined ? undefined : `${repository}:${tag ?? "latest"}`;
}
