import type { InstalledPackage } from "./packages.ts";

/**
 * Reads apk's list, `lib/apk/db/installed`: paragraphs of lines `X:value`, an empty line between two; P is the name, V the version, A the architecture.
 * @see https://wiki.alpinelinux.org/wiki/Apk_spec "Installed Database V2"
 */
export function readApkInstalled(text: string): Map<string, InstalledPackage> {
  const found = new Map<string, InstalledPackage>();
  let [name, version, architecture] = ["", "", ""];
  const end = (): void => {
    if (name !== "" && version !== "") found.set(name, { version, architecture });
    [name, version, architecture] = ["", "", ""];
  };
  for (const line of text.split("\n")) {
    if (line === "") end();
    else if (line.startsWith("P:")) name = line.slice(2);
    else if (line.startsWith("V:")) version = line.slice(2);
    else if (line.startsWith("A:")) architecture = line.slice(2);
  }
  end();
  return found;
}

/** Names that `etc/apk/world` asks for, without their versions and repositories (`curl>8`, `curl@edge`); what it forbids (`!curl`) is left out. */
export const readWorld = (text: string): Set<string> =>
  new Set(
    text
      .split(/\s+/)
      .filter((word) => word !== "" && !word.startsWith("!"))
      .map((word) => word.replace(/[<>=~@].*$/s, "")),
  );
