import { chmodSync, lchownSync, lstatSync, mkdirSync } from "node:fs";
import { byCodeUnit } from "../../../../core/order.ts";
import { libc } from "../libc.ts";
import { type LowerView, lowerView } from "./lower-view.ts";
import { isOverlayXattr, osPath } from "./overlay-form.ts";

/**
 * Puts folders into an empty upper folder so that those which a layer does not tell of look as lower layers say.
 * @param layers  lowest first; `implied` as unpacking told
 */
export function prepareUpper(upper: string, layers: readonly { readonly folder: string; readonly implied: readonly string[] }[]): void {
  const paths = new Set(layers.flatMap(({ implied }) => implied));
  if (paths.size === 0) return;
  const view = lowerView(layers.map(({ folder }) => folder));
  const made = new Map<string, string>();
  for (const path of [...paths].sort(byCodeUnit)) {
    const found = view.find(path);
    if (found?.covered === true && found.stat.isDirectory()) makeFolder(path);
  }
  // A folder's time is the last thing: making what is in it changes it.
  for (const [path, at] of [...made].reverse()) {
    const { atimeNs, mtimeNs } = lstatSync(osPath(at), { bigint: true });
    libc().setTimes(osPath(`${upper}/${path}`), atimeNs, mtimeNs);
  }

  function makeFolder(path: string): void {
    if (path === "" || made.has(path)) return;
    makeFolder(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    const at = folderAt(view, path);
    if (at === undefined) return;
    copyFolder(at, `${upper}/${path}`);
    made.set(path, at);
  }
}

const folderAt = (view: LowerView, path: string): string | undefined => {
  const found = view.find(path);
  return found?.stat.isDirectory() === true ? found.at : undefined;
};

/** A folder with the owner, mode and attributes of another; not its times. */
function copyFolder(from: string, to: string): void {
  const { mode, uid, gid } = lstatSync(osPath(from));
  mkdirSync(osPath(to), 0o700);
  lchownSync(osPath(to), uid, gid);
  for (const name of libc().listXattr(osPath(from))) {
    if (!name.startsWith("user.") || isOverlayXattr(name)) continue;
    libc().setXattr(osPath(to), name, libc().getXattr(osPath(from), name) ?? Buffer.alloc(0));
  }
  chmodSync(osPath(to), mode & 0o7777);
}
