import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeWorld } from "../../src/adapters/node/world.ts";
import { inspect } from "../../src/api/inspect.ts";
import { digestOf } from "../../src/core/digest.ts";
import { tarOf } from "../harness/built-result.ts";
import { problemOf, TYPE, temporaryFolder } from "./evil-registry.ts";

/** A layout with one image, some of whose blobs are sparse files of two gigabytes: who reads one whole has no memory left. */
function layoutWith(huge: "root" | "manifest" | "config"): string {
  const folder = join(temporaryFolder(), "layout");
  mkdirSync(join(folder, "blobs/sha256"), { recursive: true });
  const blob = (value: unknown, mediaType: string, isHuge: boolean): object => {
    const text = JSON.stringify(value);
    const path = join(folder, "blobs", digestOf(text).replace(":", "/"));
    writeFileSync(path, text);
    if (isHuge) truncateSync(path, 2 * 1024 ** 3);
    return { mediaType, digest: digestOf(text), size: isHuge ? 2 * 1024 ** 3 : text.length };
  };
  const config = blob({ os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [] } }, TYPE.config, huge === "config");
  const manifest = blob({ schemaVersion: 2, mediaType: TYPE.manifest, config, layers: [] }, TYPE.manifest, huge === "manifest");
  const platform = { os: "linux", architecture: "amd64" };
  const index = blob({ schemaVersion: 2, mediaType: TYPE.index, manifests: [{ ...manifest, platform }] }, TYPE.index, huge === "root");
  writeFileSync(join(folder, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, "index.json"), JSON.stringify({ schemaVersion: 2, manifests: [index] }));
  return folder;
}

describe("inspect of a layout or archive that lies", () => {
  test.each(["root", "manifest", "config"] as const)("a %s of two gigabytes is refused and not read", async (huge) => {
    expect((await problemOf(inspect(layoutWith(huge), {}, nodeWorld()))).code).toBe("limit-exceeded");
  });

  test.each([
    ["a name that leads out", [{ path: "../x", content: "" }]],
    [
      "an index that links to the host",
      [
        { path: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
        { path: "index.json", type: "symlink" as const, mode: 0o777, link: "/etc/passwd" },
      ],
    ],
    [
      "an index that links to itself",
      [
        { path: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' },
        { path: "index.json", type: "symlink" as const, mode: 0o777, link: "index.json" },
      ],
    ],
    [
      "names that every object has",
      [
        { path: "__proto__", content: "" },
        { path: "constructor", content: "" },
      ],
    ],
  ])("an archive with %s is refused", async (_, rows) => {
    const file = join(temporaryFolder(), "a.tar");
    writeFileSync(file, tarOf(rows));
    expect((await problemOf(inspect(file, {}, nodeWorld()))).code).toBe("layout-invalid");
  });
});
