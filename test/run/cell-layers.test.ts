import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAX_LAYERS } from "../../src/adapters/node/sandbox/cell/root-mount.ts";
import type { Digest } from "../../src/core/digest.ts";
import { sandboxHere } from "../harness/sandbox-base.ts";
import { type SandboxRoom, sandboxRoom } from "../harness/sandbox-room.ts";

const missing = sandboxHere();

describe.skipIf(missing !== undefined)(`a program upon many layers${missing === undefined ? "" : ` (${missing})`}`, () => {
  let room: SandboxRoom;
  const layers: Digest[] = [];
  beforeAll(async () => {
    room = await sandboxRoom();
    // One over what can be, with the base: each has a file of its own, writes one that all write, and hides one of the layer below.
    for (let at = 0; at < MAX_LAYERS; at++)
      layers.push(
        await room.layer(
          { path: "d", type: "directory" },
          { path: `d/${at}`, text: `${at}` },
          { path: "d/last", text: `${at}` },
          ...(at === 0 ? [] : [{ path: `d/.wh.${at - 1}` }]),
        ),
      );
  }, 120_000);
  afterAll(async () => expect(await room.close()).toEqual([]), 60_000);

  // With the base, and with layers in the midst, just below, at and above what one mount takes.
  test.each([498, 499, 500, 800, MAX_LAYERS - 1])("%d, and the base", async (count) => {
    const upon = layers.slice(0, count);
    const { out, changes } = await room.run("cd /d && echo * && cat last && rm last && for f in [0-9]*; do echo x >> $f; done; mkdir /new", { upon });
    expect(out).toBe(`${count - 1} last\n${count - 1}`);
    expect([...changes.keys()]).toEqual(["d", `d/${count - 1}`, "d/.wh.last", "new"]);
    expect(changes.get(`d/${count - 1}`)?.text).toBe(`${count - 1}x\n`);
  });

  test("of a mount", async () => {
    const { out } = await room.run("echo /m/*; cat /m/last", {
      mounts: [{ kind: "files", target: "/m", layers: layers.slice(0, 700), path: "d", writable: false }],
    });
    expect(out).toBe("/m/699 /m/last\n699");
  });

  test("more than can be are refused in words", async () => {
    const message = `the step is upon ${MAX_LAYERS + 1} layers, and the kernel lays no more than ${MAX_LAYERS} upon each other`;
    await expect(room.run("true", { upon: layers })).rejects.toMatchObject({ code: "run-failed", message });
  });
});
