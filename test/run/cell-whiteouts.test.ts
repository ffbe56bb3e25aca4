import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SandboxMount } from "../../src/engine/sandbox.ts";
import { sandboxHere } from "../harness/sandbox-base.ts";
import { type SandboxRoom, sandboxRoom } from "../harness/sandbox-room.ts";

const missing = sandboxHere();
const cache: SandboxMount = { kind: "cache", target: "/cache", id: "whiteouts", sharing: "shared", mode: 0o755, uid: 0, gid: 0, readonly: false };

describe.skipIf(missing !== undefined)(`a program that makes whiteouts${missing === undefined ? "" : ` (${missing})`}`, () => {
  let room: SandboxRoom;
  beforeAll(async () => {
    room = await sandboxRoom();
  });
  afterAll(async () => expect(await room.close()).toEqual([]));

  test.each([
    ["in its root", "/etc/passwd", []],
    ["in a folder that it made", "/new/x", []],
    ["in a cache", "/cache/x", [cache]],
    ["in memory", "/memory/x", [{ kind: "tmpfs", target: "/memory" } as const]],
  ])("%s may not", async (_, path, mounts) => {
    const { out, err } = await room.run(
      `mkdir -p /new; mknod /made c 0 0; mknod ${path}.new c 0 0; mknod ${path}.pipe p && echo fifo; ls /made ${path}.new 2>/dev/null || echo none`,
      { mounts },
    );
    expect([out, err.match(/Operation not permitted/g)?.length]).toEqual(["fifo\nnone\n", 2]);
  });

  test("nor become the machine's devices", async () => {
    expect((await room.run("mknod /x c 1 3 || mknod /x b 259 0 || echo refused")).out).toBe("refused\n");
  });
});
