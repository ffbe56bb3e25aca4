import type { ImageFiles } from "./image-files.ts";

/** Files that one configuration may take in, whatever they say. */
const MAX_FILES = 200;

/**
 * Folders that `/etc/ld.so.conf` tells ldconfig, with what it includes, in order. The loader itself never reads it: it only knows what ldconfig put into the cache.
 * @see ldconfig(8)
 */
export function confFolders(files: ImageFiles, path = "/etc/ld.so.conf"): readonly string[] {
  const folders = new Set<string>();
  const seen = new Set<string>();
  const read = (at: string): void => {
    if (seen.has(at) || seen.size >= MAX_FILES) return;
    seen.add(at);
    const text = files.text(at);
    if (typeof text === "string") return;
    for (const raw of Buffer.from(text).toString("utf8").split("\n")) {
      const line = raw.replace(/#.*/, "").trim();
      const [word = "", ...rest] = line.split(/\s+/);
      if (word === "include") for (const pattern of rest) for (const found of glob(files, absolute(pattern, at))) read(found);
      else if (line.startsWith("/")) folders.add(line.replace(/\/+$/, "") || "/");
    }
  };
  read(path);
  return [...folders];
}

const absolute = (path: string, from: string): string => (path.startsWith("/") ? path : `${from.slice(0, from.lastIndexOf("/"))}/${path}`);

/** Only the last part has stars, as every distribution writes it. */
function glob(files: ImageFiles, pattern: string): readonly string[] {
  const slash = pattern.lastIndexOf("/");
  const [folder, name] = [pattern.slice(0, slash), pattern.slice(slash + 1)];
  if (!name.includes("*")) return [pattern];
  const [before = "", ...after] = name.split("*");
  const last = after.at(-1) ?? "";
  return files
    .names(folder)
    .filter((found) => found.startsWith(before) && found.endsWith(last) && found.length >= before.length + last.length && !found.startsWith("."))
    .map((found) => `${folder}/${found}`);
}
