// Needs: Docker with Buildx (containerd image store), docker-registry (base images)
// What verify says of ENTRYPOINT and CMD without running them, beside what becomes of them in real containers.
import { spawnSync } from "node:child_process";
import { chmodSync, createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Digest } from "../../src/core/digest.ts";
import type { BlobReader } from "../../src/image/blob-store.ts";
import type { RunConfig } from "../../src/image/config.ts";
import type { Descriptor } from "../../src/image/descriptor.ts";
import { blobPath, INDEX_FILE } from "../../src/image/layout.ts";
import { checkImage } from "../../src/verify/check.ts";
import { readImage } from "../../src/verify/read/read-image.ts";
import { IMAGE_RULES } from "../../src/verify/registry.ts";
import { scanLayer } from "../../src/verify/scan/scan-layer.ts";
import type { Subject } from "../../src/verify/subject.ts";
import { baseReference, PEERS_RUN, peerEnvironment } from "../compare/places.ts";
import { peerSuite, run } from "./peer-suite.ts";

const DOCKER = { DOCKER_HOST: `unix://${PEERS_RUN}/docker-containerd.sock` };
const folder = mkdtempSync(join(tmpdir(), "mh-verify-start-"));
const name = `verify/start:${process.pid}`;
let made: Subject;

/** By path: the text, with its mode. */
const FILES: Readonly<Record<string, readonly [text: string, mode: number]>> = {
  "plain.sh": ["#!/bin/sh\nexit 0\n", 0o755],
  "crlf.sh": ["#!/bin/sh\r\nexit 0\r\n", 0o755],
  "crlf-env.sh": ["#!/usr/bin/env sh\r\nexit 0\r\n", 0o755],
  "no-right.sh": ["#!/bin/sh\nexit 0\n", 0o644],
  "no-line.sh": ["exit 0\n", 0o755],
  "empty.sh": ["", 0o755],
  "mark.sh": ["\uFEFF#!/bin/sh\nexit 0\n", 0o755],
  "gone.sh": ["#!/opt/gone/sh\nexit 0\n", 0o755],
  "env.sh": ["#!/usr/bin/env sh\nexit 0\n", 0o755],
  "env-gone.sh": ["#!/usr/bin/env gone\nexit 0\n", 0o755],
  "env-words.sh": ["#!/usr/bin/env sh -e\nexit 0\n", 0o755],
  "env-split.sh": ["#!/usr/bin/env -S sh -e\nexit 0\n", 0o755],
  "blanks.sh": ["#! \t/bin/sh   -e  \nexit 0\n", 0o755],
  "nobody.sh": ["#!\nexit 0\n", 0o755],
  "long.sh": [`#!/${"x".repeat(260)}\nexit 0\n`, 0o755],
  "long-blanks.sh": [`#!/bin/sh${" ".repeat(260)}\nexit 0\n`, 0o755],
  "bare-name.sh": ["#!sh\nexit 0\n", 0o755],
  nest1: ["#!/t/plain.sh\n", 0o755],
  nest2: ["#!/t/nest1\n", 0o755],
  nest3: ["#!/t/nest2\n", 0o755],
  nest4: ["#!/t/nest3\n", 0o755],
  nest5: ["#!/t/nest4\n", 0o755],
  "owner-only.sh": ["#!/bin/sh\nexit 0\n", 0o700],
  "unreadable.sh": ["#!/bin/sh\nexit 0\n", 0o711],
  "closed/run.sh": ["#!/bin/sh\nexit 0\n", 0o755],
  "path1/tool": ["#!/bin/sh\nexit 0\n", 0o644],
  "path2/tool": ["#!/bin/sh\nexit 0\n", 0o755],
};

const DOCKERFILE = `FROM ${baseReference("debian")}
COPY t /t
COPY passwd group /etc/
COPY --chmod=700 t/closed /t/closed
`;

interface Case {
  readonly config: RunConfig;
  /** What a real container says, when it does not end well. */
  readonly says?: RegExp;
  /** The rule that tells it; undefined: nothing is wrong. */
  readonly rule?: string;
}

const NOT_FOUND = /executable file not found in \$PATH/;
const NO_FILE = /no such file or directory/i;
const DENIED = /permission denied/i;
const FORMAT = /exec format error/i;
const NO_PROGRAM = /not found|No such file or directory/;

const cases: Readonly<Record<string, Case>> = {
  "a script": { config: { Entrypoint: ["/t/plain.sh"] } },
  "a name in PATH": { config: { Entrypoint: ["true"] } },
  "a name in no folder of PATH": { config: { Entrypoint: ["plain.sh"] }, says: NOT_FOUND, rule: "start-missing" },
  "a path where nothing lies": { config: { Entrypoint: ["/t/none"] }, says: NO_FILE, rule: "start-missing" },
  "one string with blanks": { config: { Entrypoint: ["true --x"] }, says: NOT_FOUND, rule: "start-missing" },
  "a relative path from WorkingDir": { config: { Entrypoint: ["./plain.sh"], WorkingDir: "/t" } },
  "a relative path without a dot": { config: { Entrypoint: ["t/plain.sh"] } },
  "a relative path from elsewhere": { config: { Entrypoint: ["./plain.sh"], WorkingDir: "/etc" }, says: NO_FILE, rule: "start-missing" },
  "a name in WorkingDir only": { config: { Entrypoint: ["plain.sh"], WorkingDir: "/t" }, says: NOT_FOUND, rule: "start-missing" },
  "PATH of the image": { config: { Entrypoint: ["plain.sh"], Env: ["PATH=/usr/bin:/t"] } },
  "PATH passes over what has no right": { config: { Entrypoint: ["tool"], Env: ["PATH=/t/path1:/t/path2:/usr/bin"] } },
  "PATH with a file without right alone": { config: { Entrypoint: ["tool"], Env: ["PATH=/t/path1:/usr/bin"] }, says: NOT_FOUND, rule: "start-not-executable" },
  "PATH passes over folders": { config: { Entrypoint: ["t"], Env: ["PATH=/:/usr/bin"] }, says: NOT_FOUND, rule: "start-missing" },
  "a folder": { config: { Entrypoint: ["/t"] }, says: /is a directory|permission denied/i, rule: "start-is-folder" },
  "no right": { config: { Entrypoint: ["/t/no-right.sh"] }, says: DENIED, rule: "start-not-executable" },
  "a link to a script": { config: { Entrypoint: ["/t/link"] } },
  "a link to nowhere": { config: { Entrypoint: ["/t/dangling"] }, says: NO_FILE, rule: "start-missing" },
  "links in a circle": { config: { Entrypoint: ["/t/circle"] }, says: /too many levels of symbolic links/, rule: "start-missing" },
  "a carriage return": { config: { Entrypoint: ["/t/crlf.sh"] }, says: NO_FILE, rule: "start-script-with-crlf" },
  "a carriage return behind env": { config: { Entrypoint: ["/t/crlf-env.sh"] }, says: NO_FILE, rule: "start-script-with-crlf" },
  "no first line": { config: { Entrypoint: ["/t/no-line.sh"] }, says: FORMAT, rule: "start-not-a-program" },
  "an empty file": { config: { Entrypoint: ["/t/empty.sh"] }, says: FORMAT, rule: "start-not-a-program" },
  "a byte order mark": { config: { Entrypoint: ["/t/mark.sh"] }, says: FORMAT, rule: "start-not-a-program" },
  "a shell runs what has no first line": { config: { Entrypoint: ["/bin/sh", "-c", "/t/no-line.sh"] } },
  "env runs what has no first line": { config: { Entrypoint: ["env", "/t/no-line.sh"] } },
  "an interpreter that is not there": { config: { Entrypoint: ["/t/gone.sh"] }, says: NO_FILE, rule: "start-script-without-interpreter" },
  "env as interpreter": { config: { Entrypoint: ["/t/env.sh"] } },
  "env finds nothing": { config: { Entrypoint: ["/t/env-gone.sh"] }, says: NO_FILE, rule: "start-script-without-interpreter" },
  "env gets two words as one": { config: { Entrypoint: ["/t/env-words.sh"] }, says: NO_FILE, rule: "start-script-without-interpreter" },
  "env splits them": { config: { Entrypoint: ["/t/env-split.sh"] } },
  "blanks around the interpreter": { config: { Entrypoint: ["/t/blanks.sh"] } },
  "a line that names nobody": { config: { Entrypoint: ["/t/nobody.sh"] }, says: FORMAT, rule: "start-script-without-interpreter" },
  "a line longer than Linux reads": { config: { Entrypoint: ["/t/long.sh"] }, says: FORMAT, rule: "start-script-without-interpreter" },
  "a line of blanks longer than Linux reads": { config: { Entrypoint: ["/t/long-blanks.sh"] } },
  "an interpreter's bare name": { config: { Entrypoint: ["/t/bare-name.sh"] }, says: NO_FILE, rule: "start-script-without-interpreter" },
  "an interpreter's bare name, from its folder": { config: { Entrypoint: ["/t/bare-name.sh"], WorkingDir: "/usr/bin" } },
  "four scripts that run each other": { config: { Entrypoint: ["/t/nest3"] } },
  "five scripts that run each other": { config: { Entrypoint: ["/t/nest4"] } },
  "six scripts that run each other": {
    config: { Entrypoint: ["/t/nest5"] },
    says: /too many levels of symbolic links/,
    rule: "start-script-without-interpreter",
  },
  "as a user, by others' right": { config: { Entrypoint: ["/t/plain.sh"], User: "app" } },
  "as a user without the right": { config: { Entrypoint: ["/t/owner-only.sh"], User: "app" }, says: DENIED, rule: "start-not-permitted" },
  "as a user who may not read the script": { config: { Entrypoint: ["/t/unreadable.sh"], User: "app" }, says: DENIED, rule: "start-not-permitted" },
  "as a user who may not enter the folder": { config: { Entrypoint: ["/t/closed/run.sh"], User: "1000" }, says: DENIED, rule: "start-not-permitted" },
  "as root in a closed folder": { config: { Entrypoint: ["/t/closed/run.sh"] } },
  "as the group that has the right": { config: { Entrypoint: ["/t/owner-only.sh"], User: "0:0" } },
  "an unknown user": { config: { Entrypoint: ["true"], User: "stranger" }, says: /unable to find user stranger/, rule: "start-by-unknown-user" },
  "an unknown group": { config: { Entrypoint: ["true"], User: "app:stranger" }, says: /unable to find group stranger/, rule: "start-by-unknown-user" },
  "a number that nobody has": { config: { Entrypoint: ["true"], User: "4711:4711" } },
  "a line for the shell": { config: { Entrypoint: ["/bin/sh", "-c", "exec /t/plain.sh"] } },
  "a line that names nothing": { config: { Entrypoint: ["/bin/sh", "-c", "gone --x"] }, says: NO_PROGRAM, rule: "start-missing" },
  "single quotes in place of JSON's": { config: { Entrypoint: ["/bin/sh", "-c", "['/t/plain.sh']"] }, says: NO_PROGRAM, rule: "start-missing" },
  "a line with cd": { config: { Entrypoint: ["/bin/sh", "-c", "cd /t && ./plain.sh"] } },
  "a line with variables": { config: { Entrypoint: ["/bin/sh", "-c", `A=1 exec "\${TOOL:-/t/plain.sh}"`] } },
  "the rest of CMD in a line": { config: { Entrypoint: ["/bin/sh", "-c", `exec "$@"`, "--"], Cmd: ["/t/plain.sh"] } },
  "a shell that is not there": { config: { Entrypoint: ["/bin/ash", "-c", "true"] }, says: NO_FILE, rule: "start-without-shell" },
  "wrappers in a row": { config: { Entrypoint: ["env", "-u", "A", "B=1", "nice", "-n", "1", "timeout", "-k", "1", "5", "/t/plain.sh"] } },
  "a wrapper that finds nothing": { config: { Entrypoint: ["nice", "-n", "1", "gone"] }, says: NO_PROGRAM, rule: "start-missing" },
  "setpriv and stdbuf": {
    config: { Entrypoint: ["setpriv", "--reuid", "1000", "--clear-groups", "stdbuf", "-o", "L", "gone"] },
    says: NO_PROGRAM,
    rule: "start-missing",
  },
};

function build(): void {
  const context = join(folder, "context");
  for (const [path, [text, mode]] of Object.entries(FILES)) {
    const file = join(context, "t", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }
  for (const [link, target] of [
    ["link", "plain.sh"],
    ["dangling", "/t/none"],
    ["circle", "circle"],
  ] as const)
    run("ln", ["-s", target, join(context, "t", link)]);
  writeFileSync(join(context, "passwd"), "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n");
  writeFileSync(join(context, "group"), "root:x:0:\napp:x:1000:\n");
  writeFileSync(join(context, "Dockerfile"), DOCKERFILE);
  const archive = join(folder, "image.tar");
  run("docker", ["buildx", "build", "--builder", "default", "--provenance=false", "-t", name, "-o", `type=oci,dest=${archive}`, context], {
    env: { ...DOCKER, BUILDX_CONFIG: join(folder, "buildx") },
  });
  run("docker", ["load", "-i", archive], { env: DOCKER });
  mkdirSync(join(folder, "layout"));
  run("tar", ["-xf", archive, "-C", join(folder, "layout")]);
}

async function read(): Promise<Subject> {
  const layout = join(folder, "layout");
  const blobs: BlobReader = {
    stat: () => Promise.reject(new Error("not asked for")),
    open: (digest: Digest) => createReadStream(join(layout, blobPath(digest))),
  };
  const { manifests } = JSON.parse(readFileSync(join(layout, INDEX_FILE), "utf8")) as { manifests: [Descriptor] };
  const subject = await readImage(
    { name, root: { descriptor: manifests[0] }, blobs },
    { scan: (layer) => scanLayer(blobs, layer, { hashes: false, nested: false }) },
  );
  return { ...subject, against: undefined, smoke: undefined };
}

/** The same image with another config: its layers are read once. */
function withConfig(config: RunConfig): Subject {
  const [image] = made.images;
  if (image?.config.value === undefined) throw new Error("the image could not be read");
  return { ...made, images: [{ ...image, config: { ...image.config, value: { ...image.config.value, config } } }] };
}

async function start({ Entrypoint, Cmd, WorkingDir, User, Env }: RunConfig): Promise<{ readonly status: number | undefined; readonly said: string }> {
  const [first = "", ...rest] = Entrypoint ?? [];
  const args = [
    ...["run", "--rm", "--network=none", "--entrypoint", first],
    ...(WorkingDir === undefined ? [] : ["--workdir", WorkingDir]),
    ...(User === undefined ? [] : ["--user", User]),
    ...(Env ?? []).flatMap((line) => ["--env", line]),
  ];
  const { exitCode, stdout, stderr } = await execa("docker", [...args, name, ...rest, ...(Cmd ?? [])], {
    env: peerEnvironment(DOCKER),
    extendEnv: false,
    reject: false,
    timeout: 60_000,
  });
  return { status: exitCode, said: stdout + stderr };
}

peerSuite("what starts, foretold and seen", ["docker-containerd", "buildx", "bases"], () => {
  beforeAll(async () => {
    build();
    made = await read();
  }, 120_000);
  afterAll(() => {
    spawnSync("docker", ["rmi", "-f", name], { env: peerEnvironment(DOCKER) });
    rmSync(folder, { recursive: true, force: true });
  });

  test.concurrent.each(Object.entries(cases))("%s", async (_, { config, says, rule }) => {
    const foretold = checkImage(
      withConfig(config),
      IMAGE_RULES.filter(({ meta }) => meta.id.startsWith("start-")),
    ).map((finding) => finding.rule);
    const seen = await start(config);
    expect({ foretold, ends: seen.status === 0 ? "well" : "badly" }).toEqual({
      foretold: rule === undefined ? [] : [rule],
      ends: rule === undefined ? "well" : "badly",
    });
    if (says !== undefined) expect(seen.said).toMatch(says);
  });
});
