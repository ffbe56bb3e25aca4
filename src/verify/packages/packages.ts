import { remembered } from "../../core/remembered.ts";
import { type ImageFiles, imageFiles } from "../loader/image-files.ts";
import type { ImageLayer, PlatformImage } from "../subject.ts";
import { readApkInstalled, readWorld } from "./apk.ts";
import { readAutomatic, readDpkgStatus } from "./dpkg.ts";

/** What a package manager says is installed. */
export interface PackageList {
  readonly manager: "dpkg" | "apk";
  readonly packages: ReadonlyMap<string, InstalledPackage>;
  /** Whether somebody asked for a package, and not only another one needs it; undefined where the image does not tell. */
  asked(name: string): boolean | undefined;
}

export interface InstalledPackage {
  readonly version: string;
  /** As the manager writes it: `arm64`, `all`, `aarch64`, `noarch`; empty where it is not told. */
  readonly architecture: string;
}

/** Packages of one image; Debian has 70,000 in all. */
const PACKAGES_LIMIT = 100_000;
const APK_LISTS = ["lib/apk/db/installed", "usr/lib/apk/db/installed"];
/** Files and folders that only a package manager writes: dpkg's, apk's, rpm's. */
const LISTS = ["var/lib/dpkg/status", "var/lib/dpkg/status.d", ...APK_LISTS, "var/lib/rpm", "usr/lib/sysimage/rpm", "usr/share/rpm", "var/lib/pacman/local"];

/**
 * The packages of an image. Undefined when no list of a known manager is there, or when it could not be read whole: nothing may be concluded then.
 * rpm's list is a database of its own form and is not read.
 */
export const packagesOf: (image: PlatformImage) => PackageList | undefined = remembered((image) => {
  const files = imageFiles(image);
  if (files === undefined) return undefined;
  const [dpkg, apk] = [dpkgList(files), apkList(files)];
  // Two managers in one image: a chroot, or a conversion; neither list tells of all that is there.
  const list = dpkg === undefined || apk === undefined ? (dpkg ?? apk) : undefined;
  return list !== undefined && list.packages.size > 0 && list.packages.size <= PACKAGES_LIMIT ? list : undefined;
});

/** Whether a package manager worked in that layer: then it is its lists that tell what belongs together. */
export const hasPackages: (layer: ImageLayer) => boolean = remembered(
  ({ contents }) => contents?.index.entries.some(({ path }) => LISTS.some((list) => path === list || path.startsWith(`${list}/`))) === true,
);

function dpkgList(files: ImageFiles): PackageList | undefined {
  // Distroless images have a file for each package, and beside it one with checksums.
  const places = files.names("var/lib/dpkg/status.d").map((name) => `var/lib/dpkg/status.d/${name}`);
  const lists = [...(files.open("var/lib/dpkg/status") === undefined ? [] : ["var/lib/dpkg/status"]), ...places.filter((place) => !place.endsWith(".md5sums"))];
  const texts = lists.map((path) => textAt(files, path));
  if (texts.length === 0 || texts.includes(undefined)) return undefined;
  const automatic = textAt(files, "var/lib/apt/extended_states");
  const needed = automatic === undefined ? undefined : readAutomatic(automatic);
  return {
    manager: "dpkg",
    packages: new Map((texts as readonly string[]).flatMap((text) => [...readDpkgStatus(text)])),
    asked: (name) => needed && !needed.has(name.split(":")[0] as string),
  };
}

function apkList(files: ImageFiles): PackageList | undefined {
  const text = APK_LISTS.map((path) => textAt(files, path)).find((found) => found !== undefined);
  if (text === undefined) return undefined;
  const world = textAt(files, "etc/apk/world");
  const wanted = world === undefined ? undefined : readWorld(world);
  return { manager: "apk", packages: readApkInstalled(text), asked: (name) => wanted?.has(name) };
}

/** Undefined when no file is there, or it was not kept: it is too large. */
function textAt(files: ImageFiles, path: string): string | undefined {
  const bytes = files.text(path);
  return typeof bytes === "string" ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
