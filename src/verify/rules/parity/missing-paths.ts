import { hasPackages } from "../../packages/packages.ts";
import type { PlatformImage } from "../../subject.ts";
import type { FileNode, PathRow } from "./path-table.ts";

/** Folders of a package manager's files; what somebody adds to an image lies elsewhere. */
const SYSTEM = /^\/(?:usr\/(?!local\/)|lib(?:32|64|x32)?\/|s?bin\/|etc\/|var\/)/;
/** What is made anew on each machine and holds nothing of its own. */
const BYPRODUCT =
  /(?:^\/(?:tmp|var\/tmp|var\/cache|var\/log|var\/lib\/(?:dpkg|apt|rpm|dnf|yum|systemd|ucf|pam|ca-certificates-java)|run|var\/run|proc|sys|dev|lib\/apk|usr\/lib\/apk|etc\/apk|etc\/alternatives|etc\/rc\d\.d|etc\/ssl\/certs)\/|\/(?:\.cache|__pycache__|\.npm|_cacache|\.cargo\/registry|node_modules\/\.cache)\/|\.(?:pyc|pyo)$|^\/etc\/(?:ld\.so\.cache|\.pwd\.lock|passwd-|group-|shadow-|gshadow-)$)/;
/** Code for one architecture, and what compilers need for it: which files there are depends on the architecture. */
const NATIVE = /\.(?:so|a|o|la|node|dylib|dll|jsa|h|hpp|inc|def|ld|lds|pc|jmod|bc|rlib|syso|s|S)(?:\.[\d.]+)?$|\/include\/|\.so\.[^/]*$/;
/** `/lib/ld-linux-aarch64.so.1`, `/lib64/ld64.so.2`, `/lib/ld-musl-armhf.so.1`. */
const LOADER = /\/(?:ld(?:-[^/]*|64|32)?\.so\.\d+|ld-[\d.]+\.so)$/;
const ARCHITECTURE_FOLDER = /^\/(?:usr\/)?lib(?:32|64|x32|o32)?$/;

/** What may be missing on a platform though nothing is wrong: packages' files (their lists tell of those), by-products, native code. */
export const isLeftOut = ({ path, nodes }: PathRow): boolean =>
  BYPRODUCT.test(path) || LOADER.test(path) || NATIVE.test(path) || ARCHITECTURE_FOLDER.test(path) || (SYSTEM.test(path) && isOfPackageStep({ nodes }));

/** It comes from a layer in which a package manager worked. */
export const isOfPackageStep = ({ nodes }: Pick<PathRow, "nodes">): boolean => nodes.some((node) => node?.source !== undefined && hasPackages(node.source));

/** Folders that programs of all sorts share; in another one (`/opt/jdk/bin`) a bundle puts what it has for an architecture. */
const SHARED_PROGRAMS = /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$/;
const PROGRAMS = /\/s?bin$/;

/** A file that can be started from a folder that programs share, or in a folder of programs that some platforms have not at all. */
export function isProgramPath({ path, nodes }: PathRow, lonely: ReadonlySet<string>): boolean {
  if (!nodes.some((node) => node !== undefined && isExecutable(node))) return false;
  return SHARED_PROGRAMS.test(path) || lonely.has(folderOf(path));
}

const isExecutable = ({ type, mode }: FileNode): boolean => type === "symlink" || (type === "file" && (mode & 0o111) !== 0);

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/"));

/** Folders of programs (`bin`, `sbin`) of which a platform has nothing. */
export function lonelyFolders(missing: readonly PathRow[], cohort: readonly PlatformImage[]): ReadonlySet<string> {
  const folders = new Set(missing.map(({ path }) => folderOf(path)).filter((folder) => PROGRAMS.test(folder)));
  return new Set([...folders].filter((folder) => cohort.some(({ files }) => files?.children(folder.slice(1)).length === 0)));
}
