import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DockerDaemon } from "../../../engine/output/ports.ts";
import { dockerDaemon } from "./docker-daemon.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "multihull-docker-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program in docker's place: notes its arguments, then does what the script says. */
function docker(script: string): DockerDaemon {
  const program = join(folder, "docker");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> ${folder}/asked\n${script}\n`);
  chmodSync(program, 0o755);
  return dockerDaemon({ program, env: { PATH: process.env.PATH } });
}
const asked = (): string => readFileSync(join(folder, "asked"), "utf8").trim();
async function* archive(size = 3): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < size; i++) yield Buffer.alloc(100_000, "x");
}

describe("which store Docker has", () => {
  const stores: Record<string, { says: string; takes: boolean }> = {
    "containerd's": { says: '[["driver-type","io.containerd.snapshotter.v1"]]', takes: true },
    "the classic one": { says: '[["Backing Filesystem","extfs"],["Supports d_type","true"]]', takes: false },
    "one that tells nothing": { says: "null", takes: false },
    "one that tells nonsense": { says: "<html>", takes: false },
  };
  for (const [name, c] of Object.entries(stores))
    test(name, async () => {
      expect(await docker(`echo '${c.says}'`).takesIndexes(undefined)).toBe(c.takes);
      expect(asked()).toBe("info --format {{json .DriverStatus}}");
    });
  test("of another context", async () => {
    await docker("echo null").takesIndexes("remote");
    expect(asked()).toBe("--context remote info --format {{json .DriverStatus}}");
  });
  test("when there is no daemon", async () => {
    const asking = docker("echo 'Cannot connect to the Docker daemon' >&2; exit 1").takesIndexes(undefined);
    await expect(asking).rejects.toMatchObject({ code: "docker-unavailable", message: expect.stringContaining("Cannot connect") });
  });
});

describe("loading", () => {
  test("gives docker the whole archive", async () => {
    await docker(`cat > ${folder}/got`).load(archive(), "remote");
    expect(readFileSync(join(folder, "got"))).toHaveLength(300_000);
    expect(asked()).toBe("--context remote load");
  });
  test("tells what docker has against it", async () => {
    const loading = docker("cat > /dev/null; echo 'invalid archive' >&2; exit 1").load(archive(), undefined);
    await expect(loading).rejects.toMatchObject({ code: "output-conflict", message: "Docker did not take the image: invalid archive" });
  });
  test("ends when docker ends before it has read all", async () => {
    const loading = docker("echo 'Cannot connect to the Docker daemon' >&2; exit 1").load(archive(200), undefined);
    await expect(loading).rejects.toMatchObject({ code: "docker-unavailable" });
  });
  test("tells an archive's own failure", async () => {
    const broken = (async function* () {
      yield Buffer.from("half");
      throw new Error("a blob is damaged");
    })();
    await expect(docker("cat > /dev/null").load(broken, undefined)).rejects.toThrow("a blob is damaged");
  });
  test("says when there is no docker", async () => {
    await expect(dockerDaemon({ program: join(folder, "none") }).load(archive(), undefined)).rejects.toMatchObject({
      code: "docker-unavailable",
      hint: expect.stringContaining("install"),
    });
  });
  test("ends when it is aborted", async () => {
    const stop = new AbortController();
    const waiting = (async function* () {
      yield Buffer.from("x");
      stop.abort(new Error("stop"));
      yield Buffer.from("y");
    })();
    await expect(docker("cat > /dev/null").load(waiting, undefined, stop.signal)).rejects.toThrow("stop");
  });
});
