// Needs: docker-registry, Docker with both image stores, BuildKit, QEMU for arm64

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeFiles } from "../compare/context.ts";
import { buildkitEngine } from "../compare/engines.ts";
import { OURS, PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { multihull, peerSuite, run } from "./peer-suite.ts";

const folder = mkdtempSync(join(tmpdir(), "mh-cache-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = `${REGISTRY}/base/busybox:1`;
/** One name a run, because Debian's registry outlives it. */
const REPOSITORY = `${REGISTRY}/caches/app-${process.pid}`;

interface Kind {
  readonly dockerfile: string;
  readonly platforms: string;
}
const kinds: Readonly<Record<string, Kind>> = {
  "without RUN": {
    dockerfile: `FROM ${BASE} AS made\nCOPY a /made\nFROM ${BASE}\nWORKDIR /work\nCOPY --from=made /made /copied\nCOPY b /b\n`,
    platforms: "linux/amd64,linux/arm64",
  },
  "with RUN": {
    dockerfile: `FROM ${BASE} AS made\nRUN echo made >/made && id >/id\nFROM ${BASE}\nCOPY --from=made /made /copied\nRUN cat /copied >/again\nCOPY b /b\nRUN --mount=type=bind,source=a,target=/a cat /a >/c\n`,
    platforms: "linux/amd64,linux/arm64",
  },
};

interface Ran {
  readonly digest: string;
  /** Names of steps that were found, and of those that were made. */
  readonly cached: readonly string[];
  readonly made: readonly string[];
  readonly warnings: readonly string[];
}

/** A build upon a store that nobody used before. */
function build(context: string, platforms: string, ...flags: string[]): Ran {
  const store = mkdtempSync(join(folder, "store-"));
  const args = [
    "build",
    "--engine",
    "embedded",
    "--store",
    store,
    "--platform",
    platforms,
    "--progress",
    "json",
    "--metadata-file",
    join(store, "metadata.json"),
    ...flags,
    context,
  ];
  const result = spawnSync(OURS, args, { env: peerEnvironment(), encoding: "utf8", maxBuffer: 1 << 28 });
  if (result.status !== 0) throw new Error(`multihull ${args.join(" ")}: exit ${result.status}\n${result.stderr}`);
  const events = result.stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { type: string; name?: string; vertex?: string; message?: string });
  const isLayer = (name: string | undefined): boolean => /\b(?:COPY|RUN|WORKDIR|ADD)\b/.test(name ?? "");
  const layers = (type: string) => events.filter((event) => event.type === type && isLayer(event.name));
  const cached = new Map(layers("vertex-cached").map(({ vertex, name }) => [vertex, name as string]));
  const metadata = JSON.parse(run("cat", [join(store, "metadata.json")])) as Record<string, string>;
  return {
    digest: metadata["containerimage.digest"] as string,
    cached: [...cached.values()],
    made: layers("vertex-started").flatMap(({ vertex, name }) => (cached.has(vertex) ? [] : [name as string])),
    warnings: events.filter((event) => event.type === "warning").map((event) => event.message as string),
  };
}

describe.each(Object.entries(kinds))("a fresh machine with a cache, %s", (name, { dockerfile, platforms }) => {
  const context = join(folder, name.replaceAll(" ", "-"));
  const image = `${REPOSITORY}:${name.replaceAll(" ", "-")}`;
  beforeAll(async () => {
    await writeFiles(context, { Dockerfile: dockerfile, a: "a\n", b: "b\n" });
  });

  const places: Record<string, { to: string; from: string }> = {
    "in Debian's docker-registry": { to: `type=registry,ref=${image}-cache,mode=max`, from: `${image}-cache` },
    "in a folder": { to: `type=local,dest=${join(context, "..", `${name}-cache`)},mode=max`, from: `type=local,src=${join(context, "..", `${name}-cache`)}` },
    "in the image": { to: "type=inline", from: image },
  };
  describe.each(Object.entries(places))("%s", (_, { to, from }) => {
    peerSuite("redoes nothing that is in it", ["registry", "bases", ...(name === "with RUN" ? (["qemu"] as const) : [])], () => {
      test("and makes the same image", () => {
        const first = build(context, platforms, "-t", image, "--push", "--cache-to", to);
        expect(first.cached).toEqual([]);
        expect(first.made.length).toBeGreaterThan(0);
        const second = build(context, platforms, "-t", image, "--push", "--cache-from", from, ...(to === "type=inline" ? ["--cache-to", to] : []));
        expect(second.warnings).toEqual([]);
        expect(second.made).toEqual([]);
        expect(second.cached.length).toBeGreaterThan(0);
        expect(second.digest).toBe(first.digest);
      });
    });
  });

  peerSuite("a file that changed", ["registry", "bases", ...(name === "with RUN" ? (["qemu"] as const) : [])], () => {
    test("makes anew what depends on it, and nothing else", async () => {
      const cache = `${image}-changed`;
      build(context, platforms, "--cache-to", `type=registry,ref=${cache},mode=max`);
      const other = join(folder, `${name}-other`);
      await writeFiles(other, { Dockerfile: dockerfile, a: "a\n", b: "other\n" });
      const { made, cached } = build(other, platforms, "--cache-from", cache);
      expect(made.some((step) => step.includes("COPY b /b"))).toBe(true);
      expect(made.some((step) => step.includes("/copied") && step.includes("COPY"))).toBe(false);
      expect(cached.some((step) => step.includes("COPY --from=made"))).toBe(true);
    });
    // A stage that only copies is read, not packed: there is nothing to be kept of it.
    test.runIf(name === "with RUN")("after a build that found all and wrote the cache again, still finds what stages below need", async () => {
      const cache = `${image}-again`;
      const to = ["--cache-to", `type=registry,ref=${cache},mode=max`];
      build(context, platforms, ...to);
      expect(build(context, platforms, "--cache-from", cache, ...to).made).toEqual([]);
      const other = join(folder, `${name}-below`);
      const changed = dockerfile.replace("/made /copied", "/made /moved").replace("cat /copied", "cat /moved");
      await writeFiles(other, { Dockerfile: changed, a: "a\n", b: "b\n" });
      const { made } = build(other, platforms, "--cache-from", cache);
      expect(made.filter((step) => /\bmade \d+\/\d+\]/.test(step))).toEqual([]);
    });
  });
});

describe("an image with an inline cache", () => {
  const context = join(folder, "carried");
  const { dockerfile } = kinds["without RUN"] as Kind;
  beforeAll(async () => {
    await writeFiles(context, { Dockerfile: dockerfile, a: "a\n", b: "b\n" });
  });

  describe.each(["docker-containerd", "docker-classic"] as const)("that %s pulled and pushed", (daemon) => {
    peerSuite("is still one", ["registry", "bases", daemon], () => {
      test("and what it holds is found", () => {
        const [image, carried] = [`${REPOSITORY}:inline-${daemon}`, `${REPOSITORY}-carried:${daemon}`];
        build(context, "linux/amd64", "-t", image, "--push", "--cache-to", "type=inline");
        const env = { DOCKER_HOST: `unix://${PEERS_RUN}/${daemon}.sock` };
        run("docker", ["pull", "-q", "--platform=linux/amd64", image], { env });
        run("docker", ["tag", image, carried], { env });
        run("docker", ["push", "-q", carried], { env });
        run("docker", ["rmi", "-f", image, carried], { env });
        const { made, cached, warnings } = build(context, "linux/amd64", "--cache-from", carried);
        expect(warnings).toEqual([]);
        expect(cached.some((step) => step.includes("COPY b /b"))).toBe(true);
        expect(made.some((step) => step.includes("COPY b /b"))).toBe(false);
      });
    });
  });
});

peerSuite("a cache that BuildKit wrote", ["registry", "bases", "buildkitd", "buildx"], () => {
  test.each(["image-manifest=true", "image-manifest=false"])("with %s is told of, and the build goes on", async (form) => {
    const context = join(folder, "theirs");
    await writeFiles(context, { Dockerfile: `FROM ${BASE}\nCOPY a /a\n`, a: "a\n" });
    const cache = `${REPOSITORY}-theirs:${form.replace("=", "-")}`;
    const { command } = buildkitEngine();
    run(command[0]!, [...command.slice(1), "--output=type=cacheonly", "--cache-to", `type=registry,ref=${cache},mode=max,${form}`, context]);
    const { warnings } = build(context, "linux/amd64", "--cache-from", cache);
    expect(warnings).toEqual([expect.stringContaining("it is a cache of BuildKit, which only BuildKit can read")]);
  });
});

peerSuite("a cache of ours in a folder", ["registry", "bases", "skopeo"], () => {
  test("is an OCI layout that other programs copy", async () => {
    const context = join(folder, "layout");
    await writeFiles(context, { Dockerfile: `FROM ${BASE}\nCOPY a /a\n`, a: "a\n" });
    const cache = join(folder, "layout-cache");
    multihull(["build", "--cache-to", `type=local,dest=${cache}`, context], mkdtempSync(join(folder, "store-")));
    run("skopeo", ["copy", "--dest-tls-verify=false", `oci:${cache}:latest`, `docker://${REPOSITORY}:copied`]);
    expect(existsSync(join(cache, "oci-layout"))).toBe(true);
    expect(build(context, "linux/amd64", "--cache-from", `${REPOSITORY}:copied`).warnings).toEqual([]);
  });
});
