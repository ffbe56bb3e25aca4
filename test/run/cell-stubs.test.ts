import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Digest } from "../../src/core/digest.ts";
import type { SandboxMount } from "../../src/engine/sandbox.ts";
import { sandboxHere } from "../harness/sandbox-base.ts";
import { type RoomProgram, type SandboxRoom, sandboxRoom } from "../harness/sandbox-room.ts";

const missing = sandboxHere();

describe.skipIf(missing !== undefined)(`what mounting leaves in a root without /dev, /proc and /sys${missing === undefined ? "" : ` (${missing})`}`, () => {
  let room: SandboxRoom;
  let bare: Digest;
  let linked: Digest;
  beforeAll(async () => {
    room = await sandboxRoom();
    bare = await room.layer(...["dev", "proc", "sys"].map((name) => ({ path: `.wh.${name}` })));
    linked = await room.layer({ path: "dev", type: "symlink", link: "run/devices", mode: 0o777 });
  });
  afterAll(async () => expect(await room.close()).toEqual([]));

  const script = (target: string): readonly SandboxMount[] => [{ kind: "file", target, content: Buffer.from("x"), mode: 0o400, uid: 0, gid: 0 }];
  // As BuildKit: what the system's mounts need stays, what the step's own need goes.
  test.each<[name: string, more: () => RoomProgram, left: string[]]>([
    ["nothing else mounted", () => ({}), ["dev", "proc", "sys"]],
    ["a mount elsewhere", () => ({ mounts: script("/device/x") }), ["dev", "proc", "sys"]],
    ["a file below /dev", () => ({ mounts: script("/dev/pipes/EOF") }), ["proc", "sys"]],
    ["a folder in /dev", () => ({ mounts: [{ kind: "tmpfs", target: "/dev/x" }] }), ["proc", "sys"]],
    ["/dev/shm as large as the step says", () => ({ shmBytes: 1 << 20 }), ["proc", "sys"]],
    ["a folder upon /sys", () => ({ mounts: [{ kind: "tmpfs", target: "/sys" }] }), ["dev", "proc"]],
    ["a file below /dev by a link", () => ({ upon: [bare, linked], mounts: script("/dev/x") }), ["proc", "sys"]],
    ["/dev by a link", () => ({ upon: [bare, linked] }), ["proc", "run", "run/devices", "sys"]],
  ])("%s", async (_, more, left) => {
    const { code, changes } = await room.run("true", { upon: [bare], ...more() });
    expect([code, ...changes.keys()]).toEqual([0, ...left]);
  });

  test("what the program puts below /dev is no change, and does not keep it", async () => {
    const { changes } = await room.run("touch /dev/new; mkdir /dev/shm/new", { upon: [bare], mounts: script("/dev/pipes/EOF") });
    expect([...changes.keys()]).toEqual(["proc", "sys"]);
  });
});
