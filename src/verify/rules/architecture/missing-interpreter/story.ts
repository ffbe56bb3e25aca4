import { imageFiles } from "../../../loader/image-files.ts";
import { baseName } from "../../../loader/interpreter.ts";
import type { Libc } from "../../../loader/load.ts";
import type { PlatformImage } from "../../../subject.ts";

/** Why a loader is not there, as people know it. */
export interface LoaderStory {
  /** Goes on behind the message: empty, or `: it is made for glibc, and the image has musl`. */
  readonly because: string;
  readonly facts: readonly string[];
  readonly remedies: readonly string[];
}

/** @param wanted  whose loader the program asks for */
export function loaderStory(image: PlatformImage, path: string, wanted: Libc): LoaderStory {
  const files = imageFiles(image);
  const broken = files?.brokenLink(path);
  const present = loadersIn(image);
  const same = present.find((other) => baseName(other) === baseName(path));
  const facts = [
    ...(broken === undefined ? [] : [`${broken.path} is a symbolic link to "${broken.target}", where nothing is`]),
    present.length === 0 ? "the image has no loader at all" : `the image has the loader ${present.join(", ")}`,
  ];
  const musl = present.some(isMusl);
  const glibc = present.some((other) => !isMusl(other));
  if (files?.open(path) !== undefined)
    return {
      because: "",
      facts: [`${path} is there, and is no ELF file`],
      remedies: ["copy the loader itself, with its whole content, or leave the base's as it is"],
    };
  if (path.startsWith("/nix/store/") || path.includes("/linuxbrew/")) {
    return {
      because: ": it is that of the machine that built it",
      facts,
      remedies: ["copy the whole closure of the program into the image, or build it in a stage of the base"],
    };
  }
  if (same !== undefined && same !== path)
    return { because: `: it lies at ${same}`, facts, remedies: [`make ${path} again, mostly a symbolic link of the base that a layer replaced`] };
  if (wanted === "glibc" && musl && !glibc) {
    return {
      because: ": it is made for glibc, and the image has musl, as Alpine does",
      facts,
      remedies: [
        "build it in a stage of the same base (alpine)",
        STATIC,
        "take a base with glibc, such as debian:stable-slim",
        "install gcompat, which runs some programs of glibc on musl",
      ],
    };
  }
  if (wanted === "musl" && glibc && !musl) {
    return {
      because: ": it is made for musl, as on Alpine, and the image has glibc",
      facts,
      remedies: ["build it in a stage of the same base", STATIC, "take the program's download for glibc (gnu), or an alpine base"],
    };
  }
  if (present.length === 0) {
    return {
      because: `: ${SMALL} have none`,
      facts,
      remedies: [STATIC, "take a base that has the loader and its libraries: gcr.io/distroless/base or cc, debian:stable-slim; alpine for musl"],
    };
  }
  return { because: "", facts, remedies: ["build it in a stage of the same base and platform", STATIC] };
}

const SMALL = "scratch and distroless/static";
const STATIC = "link it statically: CGO_ENABLED=0 for Go, a *-linux-musl target for Rust, -static for C";

const isMusl = (path: string): boolean => baseName(path).startsWith("ld-musl-");

const FOLDERS = ["/lib", "/lib64", "/usr/lib", "/usr/lib64"];
const LOADER = /^(?:ld-linux.*\.so\.\d|ld64\.so\.\d|ld\.so\.1|ld-musl-.*\.so\.1)$/;

/** Loaders at the places where programs ask for them; each file once. */
function loadersIn(image: PlatformImage): readonly string[] {
  const files = imageFiles(image);
  const found = new Map<unknown, string>();
  for (const folder of FOLDERS) {
    for (const name of files?.names(folder) ?? []) {
      const file = LOADER.test(name) ? files?.open(`${folder}/${name}`) : undefined;
      if (file?.binary !== undefined && !found.has(file.node)) found.set(file.node, `${folder}/${name}`);
    }
  }
  return [...found.values()];
}
