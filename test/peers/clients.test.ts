// Needs: docker-registry, skopeo, crane, podman, buildah, Docker with Buildx, BuildKit, QEMU for arm64
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writePrograms } from "../../examples/operator/make-programs.mjs";
import { writeFiles } from "../compare/context.ts";
import { buildkitEngine } from "../compare/engines.ts";
import { flatten } from "../compare/flatten.ts";
import { openLayout } from "../compare/layout.ts";
import { CHECKOUT, PEERS_RUN, REGISTRY } from "../compare/places.ts";
import { type RunningRegistry, startEmbeddedRegistry } from "./embedded-registry.ts";
import { multihull, peerSuite, run } from "./peer-suite.ts";

const EXAMPLE = join(CHECKOUT, "examples/operator");
const ARCHES = ["amd64", "arm64"] as const;
const folder = mkdtempSync(join(tmpdir(), "mh-"));
const store = join(folder, "store");
let embedded: RunningRegistry;
const registries: Record<"ours" | "docker-registry", string> = { ours: "", "docker-registry": REGISTRY };
/** One name a run, because Debian's registry outlives it. */
const repository = `clients/operator-${process.pid}`;

beforeAll(async () => {
  writePrograms(EXAMPLE);
  mkdirSync(store);
  embedded = await startEmbeddedRegistry(store);
  registries.ours = embedded.address;
});
afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

const program = (arch: string): string =>
  createHash("sha256")
    .update(readFileSync(join(EXAMPLE, `manager-${arch}`)))
    .digest("hex");

/** What `/manager` of an OCI layout is, by its digest. */
async function managerIn(layout: string): Promise<Record<string, string | undefined>> {
  const opened = openLayout(layout);
  const found: Record<string, string | undefined> = {};
  for (const image of opened.images) {
    const layers = (image.manifest.layers ?? []).map((layer) => ({ mediaType: layer.mediaType, open: () => image.openLayer(layer) }));
    found[image.platform] = (await flatten(layers)).tree.get("manager")?.sha256;
  }
  opened.close();
  return found;
}

peerSuite("an image that we pushed to our registry", [], () => taken("ours"));
peerSuite("an image that we pushed to Debian's docker-registry", ["registry"], () => taken("docker-registry"));

function taken(where: "ours" | "docker-registry"): void {
  const image = (): string => `${registries[where]}/${repository}:v1`;

  beforeAll(() => {
    multihull(["build", "-f", join(EXAMPLE, "Dockerfile.buildx"), "--platform", "linux/amd64,linux/arm64", "-t", image(), "--push", EXAMPLE], store);
  });

  peerSuite("skopeo and crane", ["registry", "skopeo", "crane"], () => {
    test("skopeo inspects each platform", () => {
      for (const arch of ARCHES) {
        const said = JSON.parse(run("skopeo", ["inspect", "--tls-verify=false", `--override-arch=${arch}`, `docker://${image()}`])) as Record<string, unknown>;
        expect(said).toMatchObject({ Architecture: arch, Os: "linux", Labels: { "org.opencontainers.image.title": "operator" }, RepoTags: ["v1"] });
      }
    });
    test("skopeo copies all platforms, and the programs are the right ones", async () => {
      const layout = join(folder, `skopeo-${where}`);
      run("skopeo", ["copy", "--all", "--src-tls-verify=false", `docker://${image()}`, `oci:${layout}:v1`]);
      expect(await managerIn(layout)).toEqual({ "linux/amd64": program("amd64"), "linux/arm64": program("arm64") });
    });
    test.each(ARCHES)("skopeo copies %s alone", async (arch) => {
      const layout = join(folder, `skopeo-${where}-${arch}`);
      run("skopeo", ["copy", "--src-tls-verify=false", `--override-arch=${arch}`, `docker://${image()}`, `oci:${layout}:v1`]);
      expect(await managerIn(layout)).toEqual({ [`linux/${arch}`]: program(arch) });
    });
    test("crane finds nothing wrong with it", () => {
      run("crane", ["validate", "--insecure", "--remote", image()]);
      for (const arch of ARCHES) run("crane", ["validate", "--insecure", "--platform", `linux/${arch}`, "--remote", image()]);
    });
    test("crane reads the index that we report", () => {
      const index = JSON.parse(run("crane", ["manifest", "--insecure", image()])) as { manifests: { platform: { architecture: string } }[] };
      expect(index.manifests.map((manifest) => manifest.platform.architecture)).toEqual([...ARCHES]);
      const ours = createHash("sha256")
        .update(multihull(["inspect", "--raw", image()], store))
        .digest("hex");
      expect(run("crane", ["digest", "--insecure", image()]).trim()).toBe(`sha256:${ours}`);
    });
    test("crane pulls a layout of it", async () => {
      const layout = join(folder, `crane-${where}`);
      run("crane", ["pull", "--insecure", "--format=oci", image(), layout]);
      expect(await managerIn(layout)).toEqual({ "linux/amd64": program("amd64"), "linux/arm64": program("arm64") });
    });
  });

  peerSuite("podman and buildah", ["registry", "podman", "buildah"], () => {
    const storage = (tool: string): string[] => [
      "--root",
      join(folder, `${tool}-${where}`),
      "--runroot",
      join(folder, `run-${tool}-${where}`),
      "--storage-driver=vfs",
    ];
    test.each(ARCHES)("podman pulls %s", (arch) => {
      const id = run("podman", [...storage("podman"), "pull", "-q", "--tls-verify=false", `--arch=${arch}`, image()]).trim();
      const [said] = JSON.parse(run("podman", [...storage("podman"), "image", "inspect", id])) as [Record<string, unknown>];
      expect(said).toMatchObject({ Architecture: arch, Os: "linux", User: "65532:65532" });
    });
    test.each(ARCHES)("buildah pulls %s", (arch) => {
      const id = run("buildah", [...storage("buildah"), "pull", "-q", "--tls-verify=false", `--arch=${arch}`, image()]).trim();
      const said = JSON.parse(run("buildah", [...storage("buildah"), "inspect", "--type=image", id])) as { OCIv1: Record<string, unknown> };
      expect(said.OCIv1).toMatchObject({ architecture: arch, os: "linux", config: { Entrypoint: ["/manager"] } });
    });
  });

  describe.each(["docker-containerd", "docker-classic"] as const)("%s", (daemon) => {
    peerSuite("pulls and runs", ["registry", daemon, "qemu"], () => {
      const env = { DOCKER_HOST: `unix://${PEERS_RUN}/${daemon}.sock` };
      test.each(ARCHES)("%s", (arch) => {
        run("docker", ["pull", "-q", `--platform=linux/${arch}`, image()], { env });
        const said = run("docker", ["run", "--rm", "--network=none", `--platform=linux/${arch}`, image()], { env });
        expect(said).toContain(`linux/${arch}`);
        run("docker", ["rmi", "-f", image()], { env });
      });
    });
  });
}

describe("an image that Buildx pushed", () => {
  peerSuite("is taken by us", ["registry", "bases", "buildkitd", "buildx", "crane"], () => {
    const context = join(folder, "theirs");
    const theirs = `${REGISTRY}/clients/theirs-${process.pid}:v1`;
    /** With attestations: Buildx's default, an index that also holds `unknown/unknown` manifests. */
    const attested = `${REGISTRY}/clients/theirs-${process.pid}:attested`;
    const buildx = (...flags: string[]): void => {
      const { command } = buildkitEngine();
      run(command[0]!, [...command.slice(1), "--platform=linux/amd64,linux/arm64", "--push", ...flags, context]);
    };

    beforeAll(async () => {
      await writeFiles(context, {
        Dockerfile: `FROM ${REGISTRY}/base/busybox:1\nARG TARGETARCH\nCOPY app /app-$TARGETARCH\nENV FROM=theirs\nUSER app\n`,
        app: "an application\n",
      });
      buildx("-t", theirs, "--provenance=false");
      buildx("-t", attested, "--provenance=mode=max");
    });

    test.each([
      ["plain", () => theirs],
      ["with attestations", () => attested],
    ])("inspected, %s", (_, image) => {
      const said = JSON.parse(multihull(["inspect", "--json", image()], store)) as { platforms: { platform: string; config: { User: string } }[] };
      expect(said.platforms.map((each) => [each.platform, each.config.User])).toEqual(ARCHES.map((arch) => [`linux/${arch}`, "app"]));
    });

    test.each([
      ["plain", () => theirs],
      ["with attestations", () => attested],
    ])("rebuilt upon, %s: its layers are kept and ours comes on top", async (_, image) => {
      const child = join(folder, `child-${image().split(":").at(-1)}`);
      await writeFiles(child, { Dockerfile: `FROM ${image()}\nCOPY more /more\nENV CHILD=$FROM\n`, more: "more\n" });
      const pushed = `${REGISTRY}/clients/child-${process.pid}:v1`;
      multihull(["build", "--platform", "linux/amd64,linux/arm64", "-t", pushed, "--push", child], store);
      for (const arch of ARCHES) {
        const layers = (of: string): string[] =>
          (JSON.parse(run("crane", ["manifest", "--insecure", "--platform", `linux/${arch}`, of])) as { layers: { digest: string }[] }).layers.map(
            (layer) => layer.digest,
          );
        expect(layers(pushed).slice(0, -1)).toEqual(layers(image()));
        const config = JSON.parse(run("crane", ["config", "--insecure", "--platform", `linux/${arch}`, pushed])) as { config: { Env: string[]; User: string } };
        expect(config.config).toMatchObject({ User: "app" });
        expect(config.config.Env).toContain("CHILD=theirs");
      }
      run("crane", ["validate", "--insecure", "--remote", pushed]);
    });
  });
});
