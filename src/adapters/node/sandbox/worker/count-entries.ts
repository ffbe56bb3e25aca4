import { lstatSync } from "node:fs";
import { namesIn, osPath } from "./overlay-form.ts";

/** Files and folders below a folder, whatever their names are. */
export function countEntries(folder: string): number {
  let count = 0;
  const folders = [folder];
  for (const at of folders) {
    for (const name of namesIn(at)) {
      count++;
      const path = `${at}/${name}`;
      if (lstatSync(osPath(path)).isDirectory()) folders.push(path);
    }
  }
  return count;
}
