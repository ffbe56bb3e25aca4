import type { InstalledPackage } from "./packages.ts";

/**
 * Reads dpkg's list, `var/lib/dpkg/status`, or a file of `status.d/`: paragraphs of `Field: value`, an empty line between two. Packages that are removed but for
 * their settings are left out. One that is installed for two architectures at once comes as `name:architecture`.
 * @see deb-control(5), dpkg(1) "PACKAGE STATES"
 */
export function readDpkgStatus(text: string): Map<string, InstalledPackage> {
  const found = new Map<string, InstalledPackage>();
  for (const paragraph of text.split(/\n[ \t]*\n/)) {
    const name = fieldIn(paragraph, "Package");
    const version = fieldIn(paragraph, "Version");
    const status = fieldIn(paragraph, "Status");
    if (name === undefined || version === undefined) continue;
    // Files of status.d/ have no such line.
    if (status !== undefined && !/ (?:installed|triggers-pending|triggers-awaited)$/.test(status)) continue;
    const architecture = fieldIn(paragraph, "Architecture") ?? "";
    found.set(found.has(name) ? `${name}:${architecture}` : name, { version, architecture });
  }
  return found;
}

/** Names that `var/lib/apt/extended_states` calls installed automatically: as dependencies, not because somebody asked for them. */
export function readAutomatic(text: string): Set<string> {
  const found = new Set<string>();
  for (const paragraph of text.split(/\n[ \t]*\n/)) {
    const name = fieldIn(paragraph, "Package");
    if (name !== undefined && fieldIn(paragraph, "Auto-Installed") === "1") found.add(name);
  }
  return found;
}

function fieldIn(paragraph: string, field: string): string | undefined {
  const start = paragraph.startsWith(`${field}:`) ? 0 : paragraph.indexOf(`\n${field}:`) + 1;
  if (start === 0 && !paragraph.startsWith(`${field}:`)) return undefined;
  const end = paragraph.indexOf("\n", start);
  return paragraph.slice(start + field.length + 1, end === -1 ? undefined : end).trim() || undefined;
}
