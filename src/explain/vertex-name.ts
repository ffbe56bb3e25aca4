/** What the name of a vertex tells: `[app linux/arm64 build 3/5] RUN make`. */
export interface VertexName {
  readonly target: string | undefined;
  readonly platform: string | undefined;
  /** Its programs run as another platform than the one that is built for. */
  readonly crosses: boolean;
  readonly stage: string | undefined;
  readonly instruction: string;
}

const PLATFORM = /^(?:linux|windows|darwin|freebsd|wasip1|wasi|js)\/[\w.-]+(?:\/[\w.-]+)?(?:->[\w./-]+)?$/;
const COUNT = /^\d+\/\d+$/;

/** Reads the name that Buildx, Bake, Compose or Buildah gives a step of a build. */
export function readVertexName(name: string): VertexName {
  const end = name.startsWith("[") ? name.indexOf("] ") : -1;
  if (end === -1) return { target: undefined, platform: undefined, crosses: false, stage: undefined, instruction: name };
  const words = name
    .slice(1, end)
    .split(" ")
    .filter((word) => word !== "");
  const instruction = name.slice(end + 2);
  if (words.includes("internal") || words.includes("auth")) {
    const platform = words.find((word) => PLATFORM.test(word));
    return { target: undefined, platform, crosses: false, stage: undefined, instruction: name };
  }
  const counted = COUNT.test(words.at(-1) ?? "");
  const named = counted ? words.slice(0, -1) : words;
  const at = named.findIndex((word) => PLATFORM.test(word));
  const [base, cross] = (at === -1 ? "" : (named[at] as string)).split("->");
  // Without a platform nothing tells a target from a stage when only one of them is named.
  const target = at > 0 ? named[at - 1] : at === -1 && named.length > 1 ? named[0] : undefined;
  const stage = at === -1 ? named.at(-1) : named[at + 1];
  return { target, platform: base === "" ? undefined : built(base as string, cross), crosses: cross !== undefined, stage, instruction };
}

/** `linux/amd64->arm64` runs on the first and is built for the second, which is a full platform only where the system differs. */
const built = (base: string, cross: string | undefined): string =>
  cross === undefined ? base : /^(?:linux|windows|darwin|freebsd)\//.test(cross) ? cross : `${base.split("/")[0]}/${cross}`;
