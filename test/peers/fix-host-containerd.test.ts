// Needs: Docker with Buildx, docker-registry (base images), QEMU for arm64
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeWorld, type World } from "../../src/adapters/node/world.ts";
import { fixHost, type HostFixReport, type HostFixRequest } from "../../src/api/fix-host.ts";
import { REGISTRY } from "../compare/places.ts";
import { type OwnDockerd, ownDockerd } from "../harness/peer-docker.ts";
import { rejectedWith } from "../harness/problem-of.ts";
import { peerSuite } from "./peer-suite.ts";

const FAILURE = "Multi-platform build is not supported for the docker driver.";
/** Nobody lays a daemon.json out like that, so that nothing of it can be kept by chance. */
const CONFIG = `{"debug" :false,\r\n\t"insecure-registries": [ "127.0.0.0/8" ],\r\n\t"registry-mirrors": ["http://${REGISTRY}"]\r\n}`;

peerSuite("the remedy containerd, with a real Docker that has the classic store", ["registry", "bases", "buildx", "docker-classic", "qemu"], () => {
  const folder = mkdtempSync(join(tmpdir(), "multihull-containerd-remedy-"));
  const example = join(folder, "example");
  const configFile = join(folder, "daemon.json");
  let daemon: OwnDockerd;
  let world: World;

  beforeAll(async () => {
    mkdirSync(example);
    writeFileSync(join(example, "Dockerfile"), `FROM ${REGISTRY}/base/run:1\nRUN uname -m > /built-on\n`);
    writeFileSync(configFile, CONFIG);
    daemon = await ownDockerd({ configFile });
    world = { ...nodeWorld(), env: daemon.env, home: folder, cwd: folder };
  }, 60_000);
  afterAll(async () => {
    await daemon?.end();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const fix = async (request: HostFixRequest): Promise<HostFixReport> => await fixHost({ store: join(folder, "store"), ...request }, world);
  const build = async () => {
    const { status, stderr } = await daemon.docker(["buildx", "build", "--network=host", "--platform", "linux/amd64,linux/arm64", "-t", "both:1", example]);
    return { status, stderr };
  };
  const config = (): string => readFileSync(configFile, "utf8");
  const images = async (): Promise<string> => (await daemon.docker(["images", "--format", "{{.Repository}}:{{.Tag}}"])).stdout;

  test("fails before, works after, fails again when it is undone; images of the classic store come back", { timeout: 300_000 }, async () => {
    expect((await daemon.docker(["pull", `${REGISTRY}/base/busybox:1`])).status).toBe(0);
    const failed = await build();
    expect(failed.status).not.toBe(0);
    expect(failed.stderr).toContain(FAILURE);

    const shown = await fix({ with: "containerd", platforms: ["linux/amd64,linux/arm64"] });
    // The kernel has an emulator for arm64 already.
    expect(shown.changes).toMatchObject([
      { kind: "file", path: configFile, before: CONFIG },
      { kind: "restart", command: undefined },
    ]);
    expect(shown.notes.join("\n")).toContain("(1 image) are not shown any more");
    expect([shown.outcome, config()]).toEqual(["planned", CONFIG]);

    const written = await fix({ with: "containerd", write: true });
    expect(written.outcome).toBe("pending");
    expect(written.left).toEqual([`end the process ${daemon.pid} (dockerd) and start it again as it was started`]);
    expect(config()).toBe(CONFIG.replace("\r\n}", ',\r\n\t"features": {\r\n\t\t"containerd-snapshotter": true\r\n\t}\r\n}'));
    // Not before Docker has read it.
    expect((await build()).stderr).toContain(FAILURE);

    await daemon.restart();
    const worked = await build();
    expect(worked.stderr).not.toContain("ERROR");
    expect(worked.status).toBe(0);
    for (const [platform, machine] of [
      ["linux/amd64", "x86_64"],
      ["linux/arm64", "aarch64"],
    ] as const) {
      const { stdout, stderr } = await daemon.docker(["run", "--rm", "--network=none", "--platform", platform, "both:1", "cat", "/built-on"]);
      expect(stdout + stderr).toBe(machine);
    }
    expect(await images()).toBe("both:1");
    expect(await fix({ with: "containerd", write: true })).toMatchObject({ outcome: "nothing", changes: [] });

    const undone = await fix({ undo: true });
    expect(undone).toMatchObject({ outcome: "undone", record: written.record, changes: [{ kind: "file" }] });
    expect(undone.left).toEqual([`end the process ${daemon.pid} (dockerd) and start it again as it was started`]);
    expect(config()).toBe(CONFIG);
    await daemon.restart();
    expect((await build()).stderr).toContain(FAILURE);
    expect(await images()).toContain("base/busybox:1");
  });

  test("refuses a configuration with which Docker itself would not start, in Docker's words", { timeout: 60_000 }, async () => {
    try {
      writeFileSync(configFile, '{"no-such-option": true}\n');
      const problem = await rejectedWith(fix({ with: "containerd", write: true }));
      expect(problem.code).toBe("daemon-config-invalid");
      expect(problem.message).toMatch(/as it is: the following directives don't match any configuration option: no-such-option$/);
      expect(config()).toBe('{"no-such-option": true}\n');
    } finally {
      writeFileSync(configFile, CONFIG);
    }
  });

  // What we take Docker to refuse, it refuses.
  test.each([
    ["a comment", '{"debug": true /* x */}'],
    ["a comma behind the last", '{"debug": true,}'],
    ["a list", "[]"],
    ["a flag that is a text", '{"features": {"containerd-snapshotter": "true"}}'],
  ])("Docker refuses %s, too", async (_name, text) => {
    const path = join(folder, "refused.json");
    writeFileSync(path, text);
    expect((await rejectedWith(fix({ with: "containerd", daemonConfig: path }))).code).toBe("daemon-config-invalid");
    const said = spawnSync("dockerd", ["--validate", "--config-file", path], { env: daemon.env, encoding: "utf8", timeout: 20_000 });
    expect(said.stderr).toContain("unable to configure the Docker daemon");
  });
});
