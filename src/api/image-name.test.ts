import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { build } from "./build.ts";
import { openImage } from "./image-name.ts";

let folder: string;
let world: World;
let digest: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "multihull-image-name-"));
  world = { ...nodeWorld(), cwd: folder, env: {} };
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app/Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  writeFileSync(join(folder, "plain.txt"), "no archive");
  const outputs = ["type=oci,tar=false,dest=layout", "type=oci,tar=false,dest=a:b", "type=oci,dest=a.tar", "type=docker,dest=d.tar"];
  ({ digest } = await build({ context: "app", store: join(folder, "store"), tags: ["app:v1"], outputs }, world));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("an image is found", () => {
  const names: Readonly<Record<string, () => string>> = {
    "in a layout": () => "oci:layout",
    "in a layout, by tag": () => "oci:layout:v1",
    "in a layout, by digest": () => `oci:layout@${digest}`,
    "in a layout whose folder has a colon": () => "oci:a:b",
    "in a folder that is a layout": () => "./layout",
    "in a folder without a dot": () => "layout",
    "in an archive": () => "oci-archive:a.tar",
    "in a file that is an archive": () => "a.tar",
    "in Docker's archive": () => "docker-archive:d.tar",
    "by its full path": () => join(folder, "a.tar"),
  };
  for (const [name, text] of Object.entries(names))
    test(name, async () => {
      const image = await openImage(text(), world, {});
      expect(image.name).toBe(text());
      expect(image.root.descriptor.digest).toBe(digest);
      await image.close();
    });
});

describe("is refused", () => {
  const cases: Readonly<Record<string, { name: string; code: string }>> = {
    "a folder that is none": { name: "./app", code: "layout-invalid" },
    "a path that is not there": { name: "./nope", code: "file-unreadable" },
    "a layout that is not there": { name: "oci:nope", code: "layout-invalid" },
    "an archive that is not there": { name: "oci-archive:nope.tar", code: "file-unreadable" },
    "a file that is none": { name: "plain.txt", code: "layout-invalid" },
    "a name in capitals": { name: "Org/App", code: "reference-malformed" },
    nothing: { name: "", code: "usage" },
  };
  for (const [name, c] of Object.entries(cases))
    test(name, async () => expect(openImage(c.name, world, {})).rejects.toThrow(expect.objectContaining({ code: c.code })));
});
