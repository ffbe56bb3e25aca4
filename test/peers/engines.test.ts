// Needs: docker-registry (base images and moby/buildkit), BuildKit, Docker with Buildx (classic and containerd image store), crane, QEMU for arm64
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { baseReference, OURS, PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { type OwnBuilder, ownBuilder, sharedDocker } from "../harness/peer-docker.ts";
import { startEmbeddedRegistry } from "./embedded-registry.ts";
import { peerSuite, run } from "./peer-suite.ts";

const BOTH = "linux/amd64,linux/arm64";
/** The daemons here have no bridge. */
const NETWORK = ["--network", "host"];

const needs = ["registry", "bases", "buildkit-image", "buildkitd", "buildx", "docker-containerd", "docker-classic", "crane", "qemu"] as const;
peerSuite("the command line with real engines", needs, () => {
  const folder = mkdtempSync(join(tmpdir(), "multihull-engines-"));
  const builders = new Map<string, OwnBuilder>();
  /** Files of a context, each a Dockerfile. */
  const context = join(folder, "context");

  beforeAll(async () => {
    run("mkdir", [context]);
    const base = `FROM ${baseReference("run")}\n`;
    writeFileSync(join(context, "Dockerfile"), `${base}RUN uname -m > /machine\n`);
    writeFileSync(join(context, "without-programs"), `${base}COPY Dockerfile /\n`);
    writeFileSync(join(context, "failing"), `${base}RUN echo about to fail; exit 3\n`);
    builders.set("remote", await ownBuilder({ env: peerEnvironment(), driver: "remote" }));
    builders.set("docker-container", await ownBuilder({ env: peerEnvironment({ DOCKER_HOST: sharedDocker("classic") }) }));
  });
  afterAll(async () => {
    for (const builder of builders.values()) await builder.end();
    rmSync(folder, { recursive: true, force: true });
  });

  const store = join(folder, "store");
  const build = async (env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<{ readonly status: number; readonly said: string }> => {
    const ended = await execa(OURS, ["build", ...NETWORK, ...args, context], {
      env: { ...env, MULTIHULL_STORE: store },
      extendEnv: false,
      reject: false,
      all: true,
    });
    return { status: ended.exitCode ?? -1, said: ended.all };
  };

  describe.each(["remote", "docker-container", "docker"] as const)("--engine buildkit with a builder of the driver %s", (driver) => {
    const env = (): NodeJS.ProcessEnv =>
      builders.get(driver)?.env ?? peerEnvironment({ DOCKER_HOST: sharedDocker("containerd"), BUILDX_CONFIG: join(folder, "buildx") });
    const by = (): readonly string[] => ["--engine", "buildkit", "--builder", builders.get(driver)?.name ?? "default"];

    test("two platforms are pushed, and what is told of them is what the registry has", async () => {
      const image = `${REGISTRY}/engines/pushed:${driver}`;
      const metadata = join(folder, `${driver}.json`);
      const { status, said } = await build(env(), ...by(), "--platform", BOTH, "--tag", image, "--push", "--metadata-file", metadata);
      expect(said).toMatch(new RegExp(`^building with BuildKit \\(builder "[^"]+", ${driver}\\): `, "m"));
      expect(status).toBe(0);
      const digest = run("crane", ["digest", "--insecure", image]).trim();
      expect(JSON.parse(readFileSync(metadata, "utf8"))).toMatchObject({ "containerimage.digest": digest, "image.name": image });
      run("crane", ["validate", "--insecure", "--remote", image]);
      for (const [platform, machine] of [
        ["linux/amd64", "x86_64"],
        ["linux/arm64", "aarch64"],
      ] as const)
        expect(run("sh", ["-c", `crane export --insecure --platform ${platform} ${image} - | tar -xO machine`])).toBe(`${machine}\n`);
    });

    test("without an output the image is in the store, and served from there", async () => {
      const { status, said } = await build(env(), ...by(), "--platform", BOTH, "--tag", `kept:${driver}`);
      expect(status).toBe(0);
      const digest = /kept:\S+@(sha256:[0-9a-f]{64})$/m.exec(said)?.[1];
      const registry = await startEmbeddedRegistry(store);
      try {
        run("crane", ["validate", "--insecure", "--remote", `${registry.address}/library/kept:${driver}`]);
        expect(run("crane", ["digest", "--insecure", `${registry.address}/library/kept:${driver}`]).trim()).toBe(digest);
      } finally {
        await registry.stop();
      }
    });

    test("a program that fails is named with its line and what it said", async () => {
      const { status, said } = await build(env(), ...by(), "--platform", "linux/amd64", "--file", join(context, "failing"));
      expect(status).toBe(1);
      expect(said).toContain("about to fail");
      expect(said).toMatch(/^error\[run-failed\]: (.*: )?failing:2: /m);
    });
  });

  describe("--engine auto", () => {
    const daemon = (socket: string): NodeJS.ProcessEnv =>
      peerEnvironment({ DOCKER_HOST: `unix://${PEERS_RUN}/${socket}.sock`, BUILDX_CONFIG: join(folder, "buildx") });

    test.each([
      [
        "programs, and a Docker that runs them",
        "docker-containerd",
        "Dockerfile",
        /^building with BuildKit \(builder "default", docker\): it runs linux\/amd64 natively$/m,
      ],
      ["no programs, and a Docker", "docker-containerd", "without-programs", /^building with the embedded engine: no step runs a program$/m],
      ["programs, and a Docker with the classic store", "docker-classic", "Dockerfile", /^building with the embedded engine: .*classic image store/m],
      ["programs, and no Docker", "docker-nowhere", "Dockerfile", /^building with the embedded engine: .*no Docker daemon answers/m],
    ])("%s", async (_, socket, file, line) => {
      const archive = join(folder, "auto.tar");
      const { status, said } = await build(daemon(socket), "--platform", BOTH, "--file", join(context, file), "--output", `type=oci,dest=${archive}`);
      expect(said).toMatch(line);
      expect(status).toBe(0);
      expect(run("tar", ["-tf", archive])).toContain("index.json");
    });
  });
});
