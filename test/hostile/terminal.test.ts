import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tarOf } from "../harness/built-result.ts";
import { multihull, temporaryFolder } from "../harness/multihull.ts";
import { evilRegistry, TYPE } from "./evil-registry.ts";

const EVIL = "\u001b]0;owned\u0007\u001b[2J\u009b31m";

test("what an image says of itself moves no cursor: inspect, and the messages of a build upon it", async () => {
  const registry = await evilRegistry();
  const image = registry.image({
    layers: [tarOf([{ path: `f${EVIL}`, content: "x" }])],
    config: {
      created: EVIL,
      config: { Labels: { [EVIL]: EVIL }, Env: [`A=${EVIL}`], User: EVIL, Entrypoint: [EVIL] },
      history: [{ created_by: EVIL }],
      variant: EVIL,
    },
    manifest: (m) => ({ ...m, annotations: { [EVIL]: EVIL } }),
  });
  const attestation = {
    ...registry.image({ os: "unknown" }),
    annotations: { "vnd.docker.reference.type": EVIL },
    platform: { os: "unknown", architecture: "unknown" },
  };
  registry.tag(
    registry.document(
      {
        schemaVersion: 2,
        mediaType: TYPE.index,
        annotations: { [EVIL]: EVIL },
        manifests: [{ ...image, platform: { os: "linux", architecture: "amd64", variant: EVIL } }, attestation],
      },
      TYPE.index,
    ),
  );
  const inspected = await multihull(["inspect", "--files", registry.name]);
  expect(inspected.stdout).toContain("owned");
  const missing = await multihull(["build", "--store", temporaryFolder(), "--platform", "linux/arm64", "-f", "-", temporaryFolder()], {
    input: `FROM ${registry.name}\n`,
  });
  expect(missing.stderr).toContain("platform-missing");
  const context = temporaryFolder();
  writeFileSync(join(context, `g${EVIL}`), "x");
  const source = await multihull(["build", "--store", temporaryFolder(), "--progress", "plain", "-f", "-", context], {
    input: `FROM scratch\nCOPY lost\u0007\u001b\u009b31m /x\n`,
  });
  expect(source.stderr).toContain("source-missing");
  for (const { stdout, stderr } of [inspected, missing, source]) expect(stdout + stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
});
