import type { Owner } from "./graph.ts";

/**
 * Reads `user[:group]` of --chown and USER. `root` is 0 without looking it up, an empty user is 0, an empty group is none, an empty text nobody in particular.
 * @see moby/buildkit client/llb/fileop.go `WithUser` at v0.34.2, read 2026-11-22 (before v0.34 an empty group was 0)
 */
export function parseOwner(text: string): Owner | undefined {
  if (text === "") return undefined;
  const [user = "", group = ""] = text.split(/:(.*)/s);
  return { user: numbered(user || "0"), ...(group === "" ? {} : { group: numbered(group) }) };
}

const numbered = (name: string): string => (name === "root" ? "0" : name);
