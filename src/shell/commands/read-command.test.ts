// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shell scripts
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadGrammar } from "../../adapters/node/grammars.ts";
import { type FlagTable, readArguments } from "../arguments.ts";
import { followScript } from "../follow.ts";
import { loadShellGrammar, type ShellGrammar } from "../grammar.ts";
import { parseScript } from "../parse.ts";
import type { Value } from "../values.ts";
import { readCommand } from "./read-command.ts";

let grammar: ShellGrammar;
beforeAll(async () => {
  grammar = await loadShellGrammar(loadGrammar);
});

const wordsOf = (script: string): readonly Value[] =>
  followScript(parseScript(script, grammar), { variables: new Map(), othersUnset: false, expression: () => undefined, stopsAtError: true }).steps.at(-1)
    ?.words ?? [];

const shownValue = ({ pieces }: Value): string => pieces.map((piece) => (piece.kind === "text" ? piece.text : `<${piece.source}>`)).join("");

/** Values as texts; what is not given left out. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if ("pieces" in value) return shownValue(value as Value);
  const kept = Object.entries(value).flatMap(([key, one]) => {
    const shown = plain(one);
    const empty =
      shown === undefined || shown === false || (Array.isArray(shown) && shown.length === 0) || (key === "client" && JSON.stringify(shown) === "{}");
    return empty ? [] : [[key, shown] as const];
  });
  return Object.fromEntries(kept);
}

const read = (script: string): unknown => plain(readCommand(wordsOf(script)));

describe("readCommand", () => {
  test.each<readonly [script: string, command: unknown]>([
    [
      "docker buildx build --platform linux/amd64,linux/arm64 -t a:1 --tag=b:2 --push --cache-to type=gha,mode=max --build-arg V=$X -f d/Dockerfile .",
      {
        kind: "build",
        tool: "buildx",
        platforms: ["linux/amd64", "linux/arm64"],
        tags: ["a:1", "b:2"],
        push: true,
        cacheTo: ["type=gha,mode=max"],
        buildArgs: ["V=<$X>"],
        file: "d/Dockerfile",
        context: ".",
      },
    ],
    ["docker build -ta:1 -qf- --platform=linux/$A .", { kind: "build", tool: "docker", platforms: ["linux/<$A>"], tags: ["a:1"], file: "-", context: "." }],
    ["docker build . $ARGS", { kind: "build", tool: "docker", context: ".", opaque: ["<$ARGS>"] }],
    ["docker build --load=false --push=true --bogus x", { kind: "build", tool: "docker", push: true, context: "x", unknownFlags: ["--bogus"] }],
    ["docker image build .", { kind: "build", tool: "docker", context: "." }],
    ["docker buildx --builder b build --check .", { kind: "build", tool: "buildx", builder: "b", context: ".", onlyAsks: true }],
    ["docker --context=remote -H tcp://x build .", { kind: "build", tool: "docker", context: ".", client: { context: "remote", host: "tcp://x" } }],
    ["docker buildx b --output type=image,push=true -o out .", { kind: "build", tool: "buildx", outputs: ["type=image,push=true", "out"], context: "." }],
    [
      "docker buildx create --use --name b --driver docker-container --driver-opt network=host --driver-opt=image=x --platform linux/arm64 --bootstrap ctx",
      {
        kind: "builder-create",
        name: "b",
        driver: "docker-container",
        driverOptions: ["network=host", "image=x"],
        platforms: ["linux/arm64"],
        use: true,
        bootstrap: true,
        endpoint: "ctx",
      },
    ],
    ["docker buildx use --default b", { kind: "builder-use", name: "b", default: true }],
    ["docker buildx rm b c", { kind: "builder-remove", names: ["b", "c"] }],
    ["docker buildx inspect --bootstrap", { kind: "builder-inspect", bootstrap: true }],
    ["docker buildx ls", { kind: "builder-list" }],
    ["docker buildx install", { kind: "builder-install" }],
    [
      "docker buildx bake -f a.hcl --set '*.platform=linux/arm64' --push app db",
      { kind: "bake", files: ["a.hcl"], set: ["*.platform=linux/arm64"], targets: ["app", "db"], push: true },
    ],
    ["docker buildx bake --print", { kind: "bake", onlyAsks: true }],
    ["docker buildx imagetools create -t a:1 --append a@sha256:x b", { kind: "imagetools-create", tags: ["a:1"], sources: ["a@sha256:x", "b"], append: true }],
    ["docker buildx imagetools inspect --raw a", { kind: "imagetools-inspect", image: "a", raw: true }],
    ["docker push -q a:1", { kind: "push", tool: "docker", image: "a:1" }],
    ["docker image push --all-tags a", { kind: "push", tool: "docker", image: "a", allTags: true }],
    ["docker pull --platform linux/arm64 a", { kind: "pull", tool: "docker", image: "a", platform: "linux/arm64" }],
    ["docker tag a b", { kind: "tag", tool: "docker", source: "a", targets: ["b"] }],
    ["docker load -i x.tar", { kind: "load", tool: "docker", input: "x.tar" }],
    ["docker save a b -o x.tar", { kind: "save", tool: "docker", output: "x.tar", images: ["a", "b"] }],
    ["docker login ghcr.io -u me --password-stdin", { kind: "login", tool: "docker", server: "ghcr.io", username: "me", passwordFrom: "stdin" }],
    ["docker login -u me -p secret", { kind: "login", tool: "docker", username: "me", passwordFrom: "argument", password: "secret" }],
    ["docker manifest create --amend l a b", { kind: "manifest-create", tool: "docker", list: "l", images: ["a", "b"], amend: true }],
    [
      "docker manifest annotate l a --arch arm64 --os linux --variant v8",
      { kind: "manifest-annotate", tool: "docker", list: "l", image: "a", arch: "arm64", os: "linux", variant: "v8" },
    ],
    ["docker manifest push -p l", { kind: "manifest-push", tool: "docker", list: "l", purge: true, all: true }],
    ["docker context create c --docker host=ssh://x", { kind: "context-create", name: "c", endpoint: "host=ssh://x" }],
    ["docker context use c", { kind: "context-use", name: "c" }],
    [
      "docker run --rm --privileged tonistiigi/binfmt --install all",
      { kind: "run", tool: "docker", image: "tonistiigi/binfmt", arguments: ["--install", "all"], privileged: true },
    ],
    [
      "docker run -d -p 5000:5000 --name=r --net host registry:2",
      { kind: "run", tool: "docker", image: "registry:2", detach: true, ports: ["5000:5000"], name: "r", network: "host" },
    ],
    ["docker container run -it a sh", { kind: "run", tool: "docker", image: "a", arguments: ["sh"] }],
    [
      "podman build --platform linux/amd64 --platform linux/arm64 --manifest m --pull .",
      { kind: "build", tool: "podman", platforms: ["linux/amd64", "linux/arm64"], manifest: "m", context: "." },
    ],
    ["buildah bud --arch arm64 --layers -t x .", { kind: "build", tool: "buildah", tags: ["x"], arch: "arm64", context: "." }],
    ["buildah manifest push --all --rm m docker://x", { kind: "manifest-push", tool: "buildah", list: "m", destination: "docker://x", purge: true, all: true }],
    ["podman push --creds a:b x docker://y", { kind: "push", tool: "podman", image: "x", destination: "docker://y" }],
    ["podman manifest add m x --arch arm64", { kind: "manifest-add", tool: "podman", list: "m", images: ["x"], arch: "arm64" }],
    [
      "sudo apt-get install -y --no-install-recommends qemu-user-static binfmt-support",
      { kind: "install-packages", packages: ["qemu-user-static", "binfmt-support"] },
    ],
    ["apt-get -qq -o x=y install curl", { kind: "install-packages", packages: ["curl"] }],
    [
      "make -j4 -C src docker-build TAG=$T PLATFORMS:=a,b",
      {
        kind: "make",
        targets: ["docker-build"],
        variables: [
          { name: "TAG", value: "<$T>" },
          { name: "PLATFORMS", value: "a,b" },
        ],
        directory: "src",
      },
    ],
    ["make -j 4 all", { kind: "make", targets: ["all"] }],
    ["make", { kind: "make" }],
    ["/usr/bin/docker push x", { kind: "push", tool: "docker", image: "x" }],
  ])("%s", (script, command) => {
    expect(read(script)).toEqual(command);
  });

  test.each([
    "docker ps",
    "docker",
    "docker $X",
    "apt-get update",
    "dockerx build .",
    "echo docker build .",
    "docker buildx version",
    "xargs docker push",
    "$DOCKER build .",
  ])("%s is none of them", (script) => {
    expect(read(script)).toBeUndefined();
  });

  test("a value keeps the word that it was written in", () => {
    const script = "docker buildx build --platform=linux/amd64,linux/arm64 .";
    const command = readCommand(wordsOf(script));
    if (command?.kind !== "build") throw new Error("no build");
    expect(command.platforms.map(({ word: { span } }) => script.slice(span.start, span.end))).toEqual(Array(2).fill("--platform=linux/amd64,linux/arm64"));
  });
});

describe("readArguments", () => {
  const table: FlagTable = { text: ["file f"], list: ["tag t"], switch: ["quiet q", "push"], optional: ["check", "jobs j"] };
  const word = { parts: [], span: { start: 0, end: 0 } };
  const values = (texts: readonly string[]): Value[] => texts.map((text) => ({ pieces: [{ kind: "text", text }], word }));
  const sorted = (...texts: string[]) => {
    const found = readArguments(values(texts), table);
    return {
      file: found.last("file") && shownValue(found.last("file") as Value),
      tags: found.all("tag").map(shownValue),
      on: ["quiet", "push", "check", "jobs"].filter((name) => found.on(name) === true),
      positional: found.positional.map(shownValue),
      unknown: found.unknown.map(shownValue),
    };
  };
  const nothing = { file: undefined, tags: [], on: [], positional: [], unknown: [] };
  test.each<readonly [texts: readonly string[], found: object]>([
    [["-qt", "a", "-tb", "-t=c", "--tag", "d", "--tag=e"], { on: ["quiet"], tags: ["a", "b", "c", "d", "e"] }],
    [["--file", "a", "-f", "b"], { file: "b" }],
    [["a", "--push", "b", "--", "--quiet", "-q"], { on: ["push"], positional: ["a", "b", "--quiet", "-q"] }],
    [["--push=false", "--quiet=1"], { on: ["quiet"] }],
    [["-", "--file", "-"], { positional: ["-"], file: "-" }],
    [["--file", "--push"], { file: "--push" }],
    [["--nope", "-x", "-qz"], { on: ["quiet"], unknown: ["--nope", "-x", "-qz"] }],
    [["--check", "x", "-j4", "-j", "y"], { on: ["check", "jobs"], positional: ["x", "y"] }],
    [["--tag"], {}],
  ])("%j", (texts, found) => {
    expect(sorted(...texts)).toEqual({ ...nothing, ...found });
  });

  test("every argument is somewhere, whatever the order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("-", "--", "-q", "-qf", "--file=x", "--tag", "x", "", "-tq", "--push=no", "-=", "--=x"), { maxLength: 12 }),
        (texts) => {
          const { positional, unknown, tags } = sorted(...texts);
          expect(positional.length + unknown.length + tags.length).toBeLessThanOrEqual(texts.length);
        },
      ),
    );
  });
});
