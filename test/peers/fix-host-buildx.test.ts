// Needs: Docker with Buildx, docker-registry (base images and moby/buildkit), QEMU for arm64
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostPrograms } from "../../src/adapters/node/host/programs.ts";
import { nodeWorld, type World } from "../../src/adapters/node/world.ts";
import { fixHost, type HostFixReport, type HostFixRequest } from "../../src/api/fix-host.ts";
import { creation } from "../../src/host/fix/buildx-create.ts";
import { peerEnvironment, REGISTRY } from "../compare/places.ts";
import { type OwnDockerd, ownDockerd, sharedDocker } from "../harness/peer-docker.ts";
import { peerSuite, run } from "./peer-suite.ts";

const PLATFORMS = "linux/amd64,linux/arm64";
const FAILURE = "ERROR: failed to build: Multi-platform build is not supported for the docker driver.";
const IMAGE = `${REGISTRY}/moby/buildkit:buildx-stable-1`;

peerSuite(
  "the remedy buildx, with a real Docker that has the classic store",
  ["registry", "bases", "buildkit-image", "buildx", "docker-classic", "qemu"],
  () => {
    const folder = mkdtempSync(join(tmpdir(), "multihull-buildx-remedy-"));
    const example = join(folder, "example");
    const pushed = `${REGISTRY}/peers/fix-host-buildx-${process.pid}`;
    let daemon: OwnDockerd;
    let world: World;

    beforeAll(async () => {
      mkdirSync(example);
      // A short name is Docker Hub's: here it is to be had from the daemon's mirror alone.
      writeFileSync(join(example, "Dockerfile"), "FROM base/run:1\nRUN uname -m > /built-on\n");
      daemon = await ownDockerd({ store: "classic" });
      world = { ...nodeWorld(), env: daemon.env, home: folder, cwd: folder };
    });
    afterAll(async () => {
      await daemon?.end();
      rmSync(folder, { recursive: true, force: true });
    });

    const fix = async (request: HostFixRequest): Promise<HostFixReport> => await fixHost({ store: join(folder, "store"), ...request }, world);
    const build = async (image: string): Promise<{ readonly status: number; readonly stderr: string }> =>
      await daemon.docker(["buildx", "build", "--network=host", "--platform", PLATFORMS, "--tag", image, "--push", "."], { cwd: example });
    const selected = async (): Promise<string | undefined> => /^Name:\s*(\S+)/m.exec((await daemon.docker(["buildx", "inspect"])).stdout)?.[1];
    const statusOf = async (name: string): Promise<string | undefined> =>
      /^Status:\s*(\S+)/m.exec((await daemon.docker(["buildx", "inspect", name])).stdout)?.[1];
    const traces = async (): Promise<readonly string[]> =>
      await Promise.all(
        [
          ["buildx", "ls", "--format", "{{.Name}}"],
          ["ps", "--all", "--quiet"],
          ["volume", "ls", "--quiet"],
        ].map(async (args) => (await daemon.docker(args)).stdout),
      );

    test("two platforms fail before it, are built and pushed after it, through the daemon's mirror, and fail again when it is undone", {
      timeout: 120_000,
    }, async () => {
      const before = await traces();
      const failed = await build(`${pushed}:none`);
      expect(failed.status).not.toBe(0);
      expect(failed.stderr).toContain(FAILURE);

      const asked = { with: "buildx", platforms: [PLATFORMS], insecureRegistries: [REGISTRY] } as const;
      expect(await fix(asked)).toMatchObject({ outcome: "planned", changes: [{ kind: "file" }, { kind: "builder" }, { kind: "select" }] });
      expect(await traces()).toEqual(before);

      expect(await fix({ ...asked, write: true })).toMatchObject({ outcome: "done" });
      expect(await selected()).toBe("multihull");
      expect(await build(`${pushed}:built`)).toMatchObject({ status: 0 });
      const index = JSON.parse(run("crane", ["manifest", "--insecure", `${pushed}:built`])) as { manifests: { platform: { architecture: string } }[] };
      expect(index.manifests.map(({ platform }) => platform.architecture)).toEqual(expect.arrayContaining(["amd64", "arm64"]));
      expect(await fix(asked)).toMatchObject({ outcome: "nothing" });

      expect(await fix({ undo: true })).toMatchObject({ outcome: "undone" });
      expect(await traces()).toEqual(before);
      expect(await selected()).toBe("default");
      expect((await build(`${pushed}:none`)).stderr).toContain(FAILURE);
    });

    test("a builder that is there and stopped is started and chosen, and is stopped again by undo, with the former one chosen", {
      timeout: 120_000,
    }, async () => {
      const at = (...args: readonly string[]): Promise<unknown> => daemon.docker(["buildx", ...args]);
      await at("create", "--name", "mine", "--driver", "docker-container", "--driver-opt", `network=host,image=${IMAGE}`, "--bootstrap");
      await at("stop", "mine");
      await at("create", "--name", "dead", "--driver", "remote", "tcp://127.0.0.1:9", "--use");
      try {
        expect(await statusOf("mine")).toBe("stopped");
        const report = await fix({ with: "buildx", write: true, name: "mine" });
        expect(report).toMatchObject({
          outcome: "done",
          changes: [
            { kind: "builder", name: "mine" },
            { kind: "select", name: "mine", before: "dead" },
          ],
        });
        expect([await selected(), await statusOf("mine")]).toEqual(["mine", "running"]);
        expect(await fix({ undo: true })).toMatchObject({ outcome: "undone" });
        expect([await selected(), await statusOf("mine")]).toEqual(["dead", "stopped"]);
      } finally {
        await at("use", "default");
        await at("rm", "mine", "dead");
      }
    });

    test("an image of one's own, where Docker Hub cannot be reached", { timeout: 120_000 }, async () => {
      const report = await fix({ with: "buildx", write: true, name: "own", image: IMAGE, insecureRegistries: [REGISTRY] });
      expect(report.changes.find(({ kind }) => kind === "builder")).toMatchObject({ command: expect.arrayContaining([`image=${IMAGE}`, "network=host"]) });
      const { stdout } = await daemon.docker(["ps", "--format", "{{.Names}} {{.Image}}"]);
      expect(stdout).toContain(`buildx_buildkit_own0 ${IMAGE}`);
      expect(await fix({ undo: true })).toMatchObject({ outcome: "undone" });
    });

    test("an image that cannot be pulled: nothing is left of it, and it is told", { timeout: 120_000 }, async () => {
      const before = await traces();
      await expect(fix({ with: "buildx", write: true, name: "none", image: `${REGISTRY}/moby/nothing:1` })).rejects.toThrow(
        expect.objectContaining({ code: "host-change-failed", message: expect.stringMatching(/moby\/nothing:1.*all that was done was taken back/) }),
      );
      expect([await traces(), await selected()]).toEqual([before, "default"]);
    });

    test.each(["0.12.1", "0.6.3"])("commands for Buildx %s are ones that a later one takes", { timeout: 120_000 }, async (version) => {
      const config = join(folder, "old.toml");
      writeFileSync(config, `[registry."${REGISTRY}"]\n  http = true\n`);
      const programs = hostPrograms(daemon.env);
      const changes = creation({ name: "old", image: IMAGE, hostNetwork: true, config }, version);
      const commands = [...changes.map(({ command }) => command), ...changes.toReversed().map(({ undo }) => undo)];
      for (const [program = "", ...args] of commands)
        expect(await programs.run(program, args, { timeoutMs: 60_000 })).toMatchObject({ kind: "ended", status: 0 });
      expect((await daemon.docker(["buildx", "ls", "--format", "{{.Name}}"])).stdout).not.toContain("old");
    });
  },
);

const QEMU = "/usr/bin/qemu-riscv64-static";
const LIST = "/proc/sys/fs/binfmt_misc";

peerSuite("emulators for Docker's own builder, in a kernel's list of our own", ["docker-containerd", "buildx"], () => {
  const ENTER = ["--user", "--map-root-user", "--mount", "--propagation", "private"];
  const missing = !existsSync(QEMU)
    ? QEMU
    : spawnSync("unshare", [...ENTER, "mount", "-t", "binfmt_misc", "none", LIST]).status === 0
      ? undefined
      : "a binfmt_misc of a user namespace's own (Linux 6.7)";

  test("are registered, and taken back", { timeout: 60_000 }, (context) => {
    if (missing !== undefined) context.skip(`needs ${missing}`);
    const folder = mkdtempSync(join(tmpdir(), "multihull-emulators-"));
    try {
      const config = join(folder, "config");
      mkdirSync(config);
      const plugins = join(peerEnvironment().DOCKER_CONFIG!, "cli-plugins");
      if (existsSync(plugins)) symlinkSync(plugins, join(config, "cli-plugins"));
      const env = peerEnvironment({ DOCKER_HOST: sharedDocker("containerd"), DOCKER_CONFIG: config, BUILDX_CONFIG: join(folder, "buildx") });
      const module = JSON.stringify(new URL("../../src/api/fix-host.ts", import.meta.url).href);
      const script = `
        const { fixHost } = await import(${module});
        const { readdirSync } = await import("node:fs");
        const entries = () => readdirSync("${LIST}").filter((name) => name !== "register" && name !== "status");
        const store = ${JSON.stringify(join(folder, "store"))};
        const done = await fixHost({ with: "buildx", platforms: ["linux/amd64,linux/riscv64"], write: true, store });
        const made = entries();
        const undone = await fixHost({ undo: true, store });
        console.log(JSON.stringify([done.outcome, done.changes.map(({ kind }) => kind), made, undone.outcome, entries()]));`;
      const enter = [...ENTER, "sh", "-c", `mount -t binfmt_misc none ${LIST} && exec "$0" "$@"`];
      const ended = spawnSync("unshare", [...enter, process.execPath, "--import", "tsx", "--input-type=module", "-e", script], { env, encoding: "utf8" });
      expect(ended.stderr).toBe("");
      expect(JSON.parse(ended.stdout)).toEqual(["done", ["emulator"], ["multihull-riscv64"], "undone", []]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
