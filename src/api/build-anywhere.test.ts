import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { nodeWorld } from "../adapters/node/world.ts";
import { compressesAsElsewhere } from "../image/gzip-witness.ts";
import { build } from "./build.ts";
import type { BuildEvent } from "./request.ts";

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "multihull-build-"));
  made.push(folder);
  return folder;
}

/** Text, and what does not shrink, in more than one block. */
function makeContext(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nCOPY text noise /\n");
  writeFileSync(join(folder, "text"), Array.from({ length: 150_000 }, (_, i) => `${(i * 7919) % 10_007} bottles\n`).join(""));
  let state = 1;
  writeFileSync(
    join(folder, "noise"),
    Buffer.from(
      Array.from({ length: 1_500_000 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state >>> 24;
      }),
    ),
  );
  return folder;
}

interface Told {
  readonly digest: string;
  readonly warnings: readonly string[];
  readonly cached: number;
}

/** @param likeMost  what the machine says of its zlib */
async function built(context: string, store: string, likeMost: boolean, more: { env?: Record<string, string>; output?: string } = {}): Promise<Told> {
  const { env = { SOURCE_DATE_EPOCH: "1600000000" }, output = "type=image" } = more;
  const events: BuildEvent[] = [];
  const world = { ...nodeWorld(), env, compressesAsElsewhere: async () => likeMost };
  const request = { context, store, platforms: ["linux/amd64"], outputs: [output], events: { emit: (event: BuildEvent) => void events.push(event) } };
  const { digest } = await build(request, world);
  return {
    digest,
    warnings: events.flatMap((event) => (event.type === "warning" ? [event.message] : [])),
    cached: events.filter((event) => event.type === "vertex-cached").length,
  };
}

// Where this Node's zlib is another, its bytes are no measure.
test.runIf(await compressesAsElsewhere())("with an epoch a machine with another zlib gives the digest of the others, and no warning", async () => {
  const context = makeContext();
  const other = await built(context, temporaryFolder(), false);
  expect(other).toEqual({ ...(await built(context, temporaryFolder(), true)), warnings: [] });
});

test("what Node packed is not taken for what we packed", async () => {
  const [context, store] = [makeContext(), temporaryFolder()];
  const first = await built(context, store, true);
  const again = await built(context, store, true);
  expect(again.cached).toBeGreaterThan(first.cached);
  expect((await built(context, store, false)).cached).toBe(first.cached);
  expect((await built(context, store, false)).cached).toBe(again.cached);
});

test("at another level such a machine warns", async () => {
  const output = "type=image,compression-level=6,force-compression=true";
  const { warnings } = await built(makeContext(), temporaryFolder(), false, { output });
  expect(warnings).toEqual([expect.stringMatching(/other bytes than most do at level 6/)]);
});

test.each([{ env: {} }, { output: "type=image,compression=uncompressed" }])("and does neither where no digest depends on it: %j", async (more) => {
  const [context, store] = [makeContext(), temporaryFolder()];
  const likeMost = await built(context, store, true, more);
  const other = await built(context, store, false, more);
  expect(other).toMatchObject({ digest: likeMost.digest, warnings: [] });
  // What was packed before is what it would pack.
  expect(other.cached).toBeGreaterThan(likeMost.cached);
});
