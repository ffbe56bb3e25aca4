import { posix } from "node:path";
import type { Hole, Text } from "./text.ts";

/** The folder of the checkout, as expressions name it. */
export const WORKSPACE_HOLE: Hole = { source: "github.workspace", atoms: [] };

/** Addresses, absolute paths, and what is read from standard input. */
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|oci-layout:|docker-image:|target:|~|-$|\/)/i;
const UNKNOWN_FOLDER: Hole = { source: "$PWD", atoms: [] };

/** A path that is meant relative to a folder of the workspace (undefined: nobody knows which) as one relative to the workspace. Paths elsewhere and addresses stay. */
export function workspacePath(text: Text, folder: string | undefined): Text {
  const { place } = text;
  const [first, ...rest] = text.parts;
  if (typeof first === "object" && first.source === WORKSPACE_HOLE.source) {
    const [second, ...others] = rest;
    const inside = typeof second === "string" ? second.replace(/^\/+/, "") : second;
    return { parts: normalized([...(inside === undefined || inside === "" ? [] : [inside]), ...others]), place };
  }
  if (typeof first === "object" || (first !== undefined && ELSEWHERE.test(first)) || folder === "") return { parts: normalized(text.parts), place };
  if (folder === undefined) return { parts: [UNKNOWN_FOLDER, `/${first ?? ""}`, ...rest], place };
  return { parts: normalized([`${folder}/${first ?? ""}`, ...rest]), place };
}

/** Whether a path is one of the workspace, as far as can be told: no address, nothing absolute. */
export function isInWorkspace({ parts: [first] }: Text): boolean {
  return first === undefined || (typeof first === "string" && !ELSEWHERE.test(first) && !first.startsWith(".."));
}

function normalized(parts: readonly (string | Hole)[]): readonly (string | Hole)[] {
  const [only] = parts;
  if (only === undefined) return ["."];
  if (parts.length !== 1 || typeof only !== "string" || /^[a-z][a-z0-9+.-]*:|^git@|^-$/i.test(only)) return parts;
  return [posix.normalize(only).replace(/(.)\/$/, "$1")];
}
