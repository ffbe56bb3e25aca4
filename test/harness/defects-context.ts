import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  alpineFiles,
  baseImage,
  DEBIAN_PACKAGES,
  debianFiles,
  type Files,
  library,
  type Machine,
  machineOf,
  muslProgram,
  program,
  SCRIPT,
  staticProgram,
  TWO,
} from "./defects-bases.ts";
import { makeImage, writeMadeLayout } from "./made-image.ts";
import { bytesOfFile } from "./made-image-files.ts";
import type { MadeFile, MadeImage } from "./made-image-spec.ts";

/** The Dockerfile that is as it should be, by the names by which defects change its lines. */
export const CLEAN_LINES: Readonly<Record<string, string>> = {
  from: "FROM debian",
  arg: "ARG TARGETARCH",
  label: 'LABEL org.opencontainers.image.source="https://example.com/org/app"',
  env: "ENV LANG=C.UTF-8 APP_HOME=/srv",
  app: "COPY --chmod=755 linux-$TARGETARCH/app /usr/local/bin/app",
  script: "COPY --chmod=755 docker-entrypoint.sh /usr/local/bin/",
  conf: "COPY app.conf /etc/app/app.conf",
  workdir: "WORKDIR /srv",
  more: "",
  user: "USER app",
  expose: "EXPOSE 8080",
  entrypoint: 'ENTRYPOINT ["app"]',
  cmd: 'CMD ["--serve"]',
};

export const dockerfile = (lines: Readonly<Record<string, string>> = {}): string => {
  const strange = Object.keys(lines).filter((name) => !(name in CLEAN_LINES));
  if (strange.length > 0) throw new Error(`the Dockerfile has no ${strange.join(", ")}`);
  return `${Object.values({ ...CLEAN_LINES, ...lines })
    .filter((line) => line !== "")
    .join("\n")}\n`;
};

/** Git LFS leaves this in place of a file that was not fetched. */
const POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 132735\n";

const forMachine = (on: Machine): Files => ({
  app: program(on),
  "app-static": staticProgram(on),
  "app-musl": muslProgram(on),
  "app-of-debian-13": program(on, { wants: { "libc.so.6": ["GLIBC_2.34", "GLIBC_2.38"] } }),
  "app-with-libpq": program(on, { needed: ["libpq.so.5", "libc.so.6"] }),
  "app-with-own-loader": program(on, { interpreter: "/opt/toolchain/lib/ld-linux.so.2" }),
  "app-with-arm64-loader": program(on, { interpreter: machineOf("linux/arm64").loader }),
  "lib/libpq.so.5": library(on, "libpq.so.5", { needed: ["libc.so.6"] }),
  "lib/libpq-of-debian-13.so.5": library(on, "libpq.so.5", { needed: ["libc.so.6"], wants: { "libc.so.6": ["GLIBC_2.38"] } }),
  "lib/libmkl.so.2": library(on, "libmkl.so.2", { needed: ["libc.so.6"] }),
});

/** A project as it lies on the machine that builds, an amd64 one: with what is right, and what people take by mistake. */
const PROJECT: Files = {
  ...Object.fromEntries(TWO.map(machineOf).flatMap((on) => Object.entries(forMachine(on)).map(([path, file]) => [`linux-${on.go}/${path}`, file]))),
  "app.conf": "listen = 8080\n",
  "docker-entrypoint.sh": SCRIPT,
  "scripts/windows.sh": SCRIPT.replaceAll("\n", "\r\n"),
  "scripts/bash.sh": '#!/bin/bash\nexec "$@"\n',
  "scripts/python.sh": "#!/usr/bin/env python3\nprint()\n",
  "scripts/bare.sh": 'set -e\nexec "$@"\n',
  "scripts/byte-order-mark.sh": `\ufeff${SCRIPT}`,
  "build/app": program(machineOf("linux/amd64")),
  "build/app-386": program(machineOf("linux/386")),
  "node_modules/sharp/build/Release/sharp.node": library(machineOf("linux/amd64"), "sharp.node", { needed: ["libc.so.6"] }),
  "node_modules/sharp/package.json": '{ "name": "sharp" }\n',
  "app.jar": { zip: { "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "native/libnetty.so": library(machineOf("linux/amd64"), "libnetty.so") } },
  "lfs/libpq.so.5": POINTER,
  "lfs/app": POINTER,
  "empty/app": "",
  "links/bin/app": { link: "/home/me/project/build/app" },
  "links/lib/libpq.so.5": { link: "libpq.so.5.16" },
  "secrets/id_ed25519": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n",
  "secrets/.npmrc": "//registry.npmjs.org/:_authToken=npm_0123456789abcdef\n",
};

/** Bases by the names that Dockerfiles call them. */
const BASES: Readonly<Record<string, MadeImage>> = {
  debian: baseImage(TWO, (on) => debianFiles(on)),
  alpine: baseImage(TWO, alpineFiles),
  // What a registry gives where the tag moved between two pulls.
  moved: baseImage(TWO, (on) => debianFiles(on, { version: on.go === "arm64" ? "11" : "12" })),
  skewed: baseImage(TWO, (on) => debianFiles(on, { installed: { ...DEBIAN_PACKAGES, zlib1g: on.go === "arm64" ? "1:1.2.11.dfsg-2" : "1:1.2.13.dfsg-1" } })),
  // An image of one platform that a team pushed from a laptop, listed for both.
  laptop: baseImage(TWO, () => debianFiles(machineOf("linux/amd64"))),
  without_su: baseImage(TWO, (on) => {
    const files = debianFiles(on);
    return on.go === "arm64" ? { ...files, "usr/bin/su": { ...(files["usr/bin/su"] as object), mode: 0o755 } } : files;
  }),
  open: baseImage(TWO, (on) => ({ ...debianFiles(on), "var/spool/app": { folder: true, mode: on.go === "arm64" ? 0o777 : 0o755 } })),
};

/** Where a project and its bases lie. */
export interface Workshop {
  readonly context: string;
  /** `NAME=oci-layout://…` for the bases that a Dockerfile names. */
  basesOf(text: string): readonly string[];
}

export async function workshop(folder: string): Promise<Workshop> {
  const context = join(folder, "project");
  for (const [path, file] of Object.entries(PROJECT)) writeFile(join(context, path), file);
  const bases = new Map<string, string>();
  for (const [name, image] of Object.entries(BASES)) {
    const at = join(folder, "bases", name);
    mkdirSync(at, { recursive: true });
    writeMadeLayout(await makeImage(image), at);
    bases.set(name, `${name}=oci-layout://${at}`);
  }
  return { context, basesOf: (text) => [...bases].flatMap(([name, base]) => (new RegExp(`^FROM .*\\b${name}\\b`, "m").test(text) ? [base] : [])) };
}

function writeFile(path: string, file: MadeFile): void {
  mkdirSync(join(path, ".."), { recursive: true });
  if (typeof file !== "string" && file.link !== undefined) {
    symlinkSync(file.link, path);
    return;
  }
  writeFileSync(path, bytesOfFile(file));
  chmodSync(path, typeof file === "string" || file.elf === undefined ? 0o644 : (file.mode ?? 0o755));
}
