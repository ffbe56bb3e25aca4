import { ProblemError } from "../core/problem.ts";
import { shown } from "./tar/path.ts";

/** Names that begin so are not files but say what to hide. */
export const WHITEOUT_PREFIX = ".wh.";
/** Hides all that lower layers have in its folder. */
export const OPAQUE_WHITEOUT = ".wh..wh..opq";
/** AUFS' own notes (`.wh..wh.plnk`, `.wh..wh.aufs`), which old Docker versions let through; readers skip them. */
const META_PREFIX = ".wh..wh.";

export type Whiteout = { readonly hides: "name"; readonly name: string } | { readonly hides: "siblings" };

/**
 * What an entry named `name` in `folder` hides; undefined for an ordinary entry, "skip" for one that means nothing to us.
 * @throws {ProblemError} `layer-invalid` for a whiteout of nothing, of the folder itself or of its parent, and for entries below a whiteout
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
 */
export function readWhiteout(folder: string, name: string): Whiteout | "skip" | undefined {
  if (folder.includes(WHITEOUT_PREFIX)) {
    for (const part of folder.split("/")) {
      if (part.startsWith(META_PREFIX)) return "skip";
      if (part.startsWith(WHITEOUT_PREFIX))
        throw new ProblemError("layer-invalid", { message: `the entry ${shown(`${folder}/${name}`)} lies below a whiteout` });
    }
  }
  if (!name.startsWith(WHITEOUT_PREFIX)) return undefined;
  if (name === OPAQUE_WHITEOUT) return { hides: "siblings" };
  if (name.startsWith(META_PREFIX)) return "skip";
  const hidden = name.slice(WHITEOUT_PREFIX.length);
  if (hidden === "" || hidden === "." || hidden === "..") {
    throw new ProblemError("layer-invalid", { message: `the whiteout ${shown(folder === "" ? name : `${folder}/${name}`)} names no file` });
  }
  return { hides: "name", name: hidden };
}
