import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { writeFiles } from "../compare/context.ts";
import { baseReference, PEERS, PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { type OwnBuilder, ownBuilder } from "../harness/peer-docker.ts";

/** By GOARCH, as {@link workshop} lays out the programs for them. */
const ARCHITECTURES = ["amd64", "arm64", "arm", "386", "riscv64", "s390x", "ppc64le"] as const;
export const SEVEN = ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/386", "linux/riscv64", "linux/s390x", "linux/ppc64le"] as const;
export const TWO = ["linux/amd64", "linux/arm64"] as const;

const BASES = {
  wide: `${REGISTRY}/base/wide:1`,
  run: baseReference("run"),
  busybox: baseReference("busybox"),
  debian: baseReference("debian"),
  go: baseReference("go"),
};

/** A context with programs for seven platforms, and builders. */
export interface RealImages {
  readonly folder: string;
  /** Of our own. */
  readonly store: string;
  readonly context: string;
  /** Where a file of the context can be downloaded from. */
  readonly address: string;
  /** A name on the local registry. */
  name(tag: string): string;
  /** A path that is not used yet. */
  place(): string;
  /** Writes a Dockerfile; `{wide}` and the like become names of bases, `{address}` the server's. @returns its path */
  dockerfile(text: string): Promise<string>;
  /** Runs a peer's program. @throws when it fails, with what it said */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** Real BuildKit, by Buildx over its remote driver. */
  buildx(dockerfile: string, flags: readonly string[]): Promise<string>;
  /** The same for several images of the context at once, by the names that they are pushed to. */
  bake(images: Readonly<Record<string, { readonly dockerfile: string; readonly platforms: readonly string[]; readonly args?: object }>>): Promise<string>;
  imagetools(args: readonly string[]): Promise<string>;
  end(): Promise<void>;
}

const FILES = {
  "entrypoint.sh": { content: '#!/bin/sh\nset -e\nexec "$@"\n', mode: 0o755 },
  "crlf.sh": { content: '#!/bin/sh\r\nexec "$@"\r\n', mode: 0o755 },
  "app.py": 'import os\nprint("python on", os.uname().machine)\n',
  "main.go": 'package main\n\nfunc main() { println("hello") }\n',
  "config/app.conf": "a=1\n",
};

export async function realImages(): Promise<RealImages> {
  const folder = mkdtempSync(join(tmpdir(), "multihull-real-"));
  const context = join(folder, "context");
  await writeFiles(context, FILES);
  for (const architecture of ARCHITECTURES)
    cpSync(`${PEERS}/bases/wide/${architecture}`, join(context, "bin", architecture), { recursive: true, preserveTimestamps: true });
  const program = readFileSync(join(context, "bin/amd64/greet"));
  const server = createServer((request, answer) => answer.end(request.url === "/tool-linux-x86_64" ? program : ""));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const builder: OwnBuilder = await ownBuilder({ env: peerEnvironment(), driver: "remote", endpoint: `unix://${PEERS_RUN}/buildkitd.sock` });
  let places = 0;
  const place = (): string => join(folder, `place-${places++}`);
  const run: RealImages["run"] = async ([program = "", ...args], env = {}) => {
    const { stdout } = await execa(program, args, { env: { ...peerEnvironment(), ...env }, extendEnv: false, timeout: 200_000 });
    return stdout;
  };
  mkdirSync(join(folder, "store"));
  return {
    folder,
    store: join(folder, "store"),
    context,
    address,
    name: (tag) => `${REGISTRY}/verify-real/${tag}`,
    place,
    async dockerfile(text) {
      const path = place();
      const named = text.replaceAll(/\{(\w+)\}/g, (whole, word: string) => (word === "address" ? address : (BASES[word as keyof typeof BASES] ?? whole)));
      await writeFiles(path, { Dockerfile: named });
      return join(path, "Dockerfile");
    },
    run,
    buildx: (dockerfile, flags) =>
      run(["docker", "buildx", "build", "--builder", builder.name, "--quiet", "-f", dockerfile, ...flags, context], {
        BUILDX_CONFIG: builder.env.BUILDX_CONFIG as string,
      }),
    async bake(images) {
      const target = Object.fromEntries(
        Object.entries(images).map(([name, { args = {}, ...image }], i) => [
          `t${i}`,
          { context, ...image, args, tags: [name], network: "none", attest: ["type=provenance,disabled=true"], output: ["type=registry"] },
        ]),
      );
      const file = place();
      writeFileSync(file, JSON.stringify({ target }));
      return run(
        ["docker", "buildx", "bake", "--builder", builder.name, "--progress", "quiet", "-f", file, "--allow", `fs.read=${folder}`, ...Object.keys(target)],
        {
          BUILDX_CONFIG: builder.env.BUILDX_CONFIG as string,
        },
      );
    },
    imagetools: (args) => run(["docker", "buildx", "imagetools", ...args], { BUILDX_CONFIG: builder.env.BUILDX_CONFIG as string }),
    async end() {
      await builder.end();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
