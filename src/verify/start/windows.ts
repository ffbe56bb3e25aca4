import type { Tree, TreeNode } from "../../image/tree.ts";
import type { ImageLayer } from "../subject.ts";

/** Where layers of Windows images hold drive C. */
const DRIVE = "Files";
const DEFAULT_PATH = String.raw`C:\Windows\system32;C:\Windows`;
const ENDINGS = ["", ".exe", ".com"];

/** A program in a Windows image. */
export interface WindowsProgram {
  /** In the tree, with `/`: `Files/app/app.exe`. */
  readonly path: string;
  readonly node: TreeNode<ImageLayer>;
  readonly byPath: boolean;
}

/**
 * Finds a program as Windows would: letters' case does not count, `.exe` may be left out, a bare name is looked for in the current folder and in PATH.
 * @returns undefined where nothing is found: too much of Windows' ways is not followed to say that nothing is there
 */
export function lookUpOnWindows(tree: Tree<ImageLayer>, name: string, folder: string, path: string | undefined): WindowsProgram | undefined {
  const plain = name.replaceAll("/", "\\");
  const bare = !plain.includes("\\");
  const folders = bare ? [folder, ...(path ?? DEFAULT_PATH).split(";")] : [folder];
  for (const [i, at] of folders.entries()) {
    for (const ending of ENDINGS) {
      const found = fold(tree, absoluteOnWindows(at, `${plain}${ending}`));
      if (found !== undefined && found.node.type === "file") return { ...found, byPath: bare && i > 0 };
    }
  }
  return undefined;
}

/** `C:\app` or `app` from a folder, as parts below the drive's root; undefined for another drive. */
function absoluteOnWindows(folder: string, name: string): readonly string[] | undefined {
  const [, drive, rest] = /^(?:([A-Za-z]):)?(.*)$/s.exec(name.replaceAll("/", "\\")) as unknown as [string, string | undefined, string];
  if (drive !== undefined && drive.toLowerCase() !== "c") return undefined;
  const parts = rest.split("\\");
  if (drive !== undefined || rest.startsWith("\\")) return parts;
  return [
    ...folder
      .replace(/^[A-Za-z]:/, "")
      .replaceAll("/", "\\")
      .split("\\"),
    ...parts,
  ];
}

function fold(tree: Tree<ImageLayer>, parts: readonly string[] | undefined): { readonly path: string; readonly node: TreeNode<ImageLayer> } | undefined {
  if (parts === undefined) return undefined;
  let path = DRIVE;
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    if (part === "..") return undefined;
    const child = tree.get(`${path}/${part}`) === undefined ? tree.children(path).find((name) => name.toLowerCase() === part.toLowerCase()) : part;
    if (child === undefined) return undefined;
    path = `${path}/${child}`;
  }
  const node = tree.get(path);
  return node === undefined ? undefined : { path, node };
}
