import { createHash, randomBytes } from "node:crypto";
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { multihull } from "../harness/multihull.ts";
import { hostRootTar, writeBaseLayout } from "../harness/sandbox-base.ts";
import { builtFiles, sandboxSuite, type Workshop, type WorkshopBuild, workshop } from "../harness/sandbox-build.ts";
import { defectsOf } from "../harness/soundness.ts";

/** What is different every time that it runs. */
const NEW = "cat /proc/sys/kernel/random/uuid > /uuid";

sandboxSuite("the cache of RUN steps", () => {
  let shop: Workshop;
  beforeAll(() => {
    shop = workshop();
  });
  afterAll(() => shop.remove());

  const uuidOf = async (dockerfile: string, options: WorkshopBuild = {}): Promise<string> =>
    readFileSync(join(await builtFiles(shop, dockerfile, options), "uuid"), "utf8");

  /** Two builds; whether the second took the first one's word. */
  async function same(first: readonly [string, WorkshopBuild?], second: readonly [string, WorkshopBuild?]): Promise<boolean> {
    return (await uuidOf(...first)) === (await uuidOf(...second));
  }

  const base = `FROM base\nARG A\nARG B\nRUN ${NEW}\n`;
  const secret = (id: string): string => `FROM base\nRUN --mount=type=secret,id=${id} ${NEW}\n`;

  const APART: Readonly<Record<string, readonly [readonly [string, WorkshopBuild?], readonly [string, WorkshopBuild?]]>> = {
    "the command": [[base], [base.replace("cat", "cat  ")]],
    "the value of an ARG that is in scope": [
      [base, { flags: ["--build-arg", "A=1"] }],
      [base, { flags: ["--build-arg", "A=2"] }],
    ],
    "which of two ARGs has the value": [
      [base, { flags: ["--build-arg", "A=1"] }],
      [base, { flags: ["--build-arg", "B=1"] }],
    ],
    "an ENV": [[`FROM base\nENV X=1\nRUN ${NEW}\n`], [`FROM base\nENV X=2\nRUN ${NEW}\n`]],
    "the user": [[`FROM base\nRUN chmod 777 /\nUSER 1\nRUN ${NEW}\n`], [`FROM base\nRUN chmod 777 /\nUSER 2\nRUN ${NEW}\n`]],
    "the folder": [[`FROM base\nWORKDIR /a\nRUN ${NEW}\n`], [`FROM base\nWORKDIR /b\nRUN ${NEW}\n`]],
    "the network": [[`FROM base\nRUN --network=none ${NEW}\n`], [`FROM base\nRUN ${NEW}\n`]],
    "the shell": [[`FROM base\nRUN ${NEW}\n`], [`FROM base\nSHELL ["/bin/sh", "-ec"]\nRUN ${NEW}\n`]],
    "which secret": [[secret("one")], [secret("two")]],
    "where a secret is": [[secret("one")], [secret("one,target=/s")]],
    "where a cache folder is": [[`FROM base\nRUN --mount=type=cache,id=a,target=/c ${NEW}\n`], [`FROM base\nRUN --mount=type=cache,id=a,target=/d ${NEW}\n`]],
    "the step before": [[`FROM base\nRUN echo 1 > /x\nRUN ${NEW}\n`], [`FROM base\nRUN echo 2 > /x\nRUN ${NEW}\n`]],
    "whether it is asked": [[base], [base, { flags: ["--no-cache"] }]],
  };
  for (const [name, [first, second]] of Object.entries(APART)) {
    test(`tells steps apart by ${name}`, async () => {
      expect(await same(first, second)).toBe(false);
    });
  }

  test("tells steps apart by the mode of a file that was copied before, with the same content", async () => {
    const context = shop.place();
    writeFileSync(join(context, "f"), "x");
    chmodSync(join(context, "f"), 0o644);
    const dockerfile = `FROM base\nCOPY f /f\nRUN ${NEW}\n`;
    const first = await uuidOf(dockerfile, { context });
    expect(await uuidOf(dockerfile, { context })).toBe(first);
    chmodSync(join(context, "f"), 0o755);
    expect(await uuidOf(dockerfile, { context })).not.toBe(first);
  });

  test("tells steps apart by what a bind mount shows, and by nothing else of the context", async () => {
    const context = shop.place();
    writeFileSync(join(context, "used"), "1");
    writeFileSync(join(context, "unused"), "1");
    const dockerfile = `FROM base\nRUN --mount=type=bind,source=used,target=/used ${NEW}\n`;
    const first = await uuidOf(dockerfile, { context });
    writeFileSync(join(context, "unused"), "2");
    expect(await uuidOf(dockerfile, { context })).toBe(first);
    writeFileSync(join(context, "used"), "2");
    expect(await uuidOf(dockerfile, { context })).not.toBe(first);
  });

  const TOGETHER: Readonly<Record<string, readonly [readonly [string, WorkshopBuild?], readonly [string, WorkshopBuild?]]>> = {
    "nothing changed": [[base], [base]],
    "an ARG that is declared later": [
      [`FROM base\nRUN ${NEW} # later\nARG C\n`, { flags: ["--build-arg", "C=1"] }],
      [`FROM base\nRUN ${NEW} # later\nARG C\n`, { flags: ["--build-arg", "C=2"] }],
    ],
    "the value of a secret": [
      [secret("value"), { flags: ["--secret", "id=value,env=S"], env: { S: "1" } }],
      [secret("value"), { flags: ["--secret", "id=value,env=S"], env: { S: "2" } }],
    ],
    "a proxy": [[base], [base, { flags: ["--build-arg", "HTTP_PROXY=http://proxy.example:3128"] }]],
    "another cache folder (as BuildKit has it)": [
      [`FROM base\nRUN --mount=type=cache,id=a,target=/c ${NEW}\n`],
      [`FROM base\nRUN --mount=type=cache,id=b,target=/c ${NEW}\n`],
    ],
    "labels and names": [[base], [`${base}LABEL a=b\n`, { flags: ["-t", "app:v2"] }]],
    "the stage's name": [[`FROM base AS one\nRUN ${NEW} # name\n`], [`FROM base AS two\nRUN ${NEW} # name\n`]],
  };
  for (const [name, [first, second]] of Object.entries(TOGETHER)) {
    test(`knows a step again in spite of ${name}`, async () => {
      expect(await same(first, second)).toBe(true);
    });
  }

  test("two builds of the same at once: both end, with the same digest, and the store is sound", async () => {
    const store = shop.place();
    const dockerfile = "FROM base AS one\nRUN echo a > /a; sleep 0.2\nFROM base\nCOPY --from=one /a /a\nRUN echo b > /b\n";
    const options = { store, env: { SOURCE_DATE_EPOCH: "1700000000" }, flags: ["-q"] };
    const ran = await Promise.all([1, 2, 3].map(() => shop.build(dockerfile, options)));
    expect(
      ran.map((each) => each.status),
      ran.map((each) => each.stderr).join(""),
    ).toEqual([0, 0, 0]);
    const digests = ran.map((each) => /sha256:[0-9a-f]{64}/.exec(each.stdout)?.[0]);
    expect(new Set(digests).size).toBe(1);
    expect(digests[0]).toMatch(/^sha256:/);
    expect(await defectsOf(store)).toEqual([]);
  });

  test("two builds that use one locked cache folder at once do so one after the other", async () => {
    const store = shop.place();
    const dockerfile = (name: string): string =>
      `FROM base\nRUN --mount=type=cache,id=lock,sharing=locked,target=/c mkdir /c/taken && sleep 0.3 && rmdir /c/taken && echo ${name} >> /c/order && cp /c/order /order\n`;
    const ran = await Promise.all(["one", "two", "three"].map((name) => shop.build(dockerfile(name), { store })));
    expect(
      ran.map((each) => each.status),
      ran.map((each) => each.stderr).join(""),
    ).toEqual([0, 0, 0]);
  });

  test("a blob of a step that somebody changed in the store is not used", async () => {
    const store = shop.place();
    const dockerfile = "FROM base\nRUN mkdir /made && head -c 300000 /dev/urandom > /made/random\n";
    const first = join(shop.place(), "first");
    expect((await shop.build(dockerfile, { store, output: `type=oci,dest=${first},tar=false` })).status).toBe(0);
    const manifest = lastLayer(first);
    const blob = join(store, "blobs", manifest.replace(":", "/"));
    const handle = openSync(blob, "r+");
    writeSync(handle, randomBytes(64), 0, 64, Math.floor(statSync(blob).size / 2));
    closeSync(handle);
    const out = join(shop.place(), "second");
    const again = await shop.build(dockerfile, { store, output: `type=oci,dest=${out},tar=false` });
    if (again.status === 0) {
      // Made again is right, too; what was given out is what its name says.
      const check = await multihull(["inspect", "--files", out]);
      expect(check.status, check.stderr).toBe(0);
    } else expect(again.stderr).toMatch(/^error\[[a-z-]*(digest|blob|damaged|mismatch|store)[a-z-]*\]/m);
    expect(again.stderr).not.toMatch(/\n\s+at |^bug: /m);
  });

  describe("a base that lies", () => {
    test("a layer that is not what its diff_id says is never run upon", async () => {
      const folder = join(shop.place(), "lies");
      const tar = hostRootTar() as Buffer;
      const from = writeBaseLayout(folder, { layers: [tar] });
      // The config is bound by its digest, so the liar writes it anew, and all that names it.
      rewrite(folder, (config) => {
        (config.rootfs as { diff_ids: string[] }).diff_ids = [`sha256:${"0".repeat(64)}`];
      });
      const ran = await shop.build("FROM lies\nRUN echo ran > /x\n", { flags: ["--build-context", `lies=${from}`] });
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/^error\[diff-id-mismatch\]/m);
    });

    test("a layer that is cut short is never run upon", async () => {
      const folder = join(shop.place(), "cut");
      const from = writeBaseLayout(folder, { layers: [hostRootTar() as Buffer] });
      const blobs = join(folder, "blobs/sha256");
      const largest = readdirSync(blobs).sort((a, b) => statSync(join(blobs, b)).size - statSync(join(blobs, a)).size)[0] as string;
      writeFileSync(join(blobs, largest), readFileSync(join(blobs, largest)).subarray(0, 1_000_000));
      const ran = await shop.build("FROM cut\nRUN echo ran > /x\n", { store: shop.place(), flags: ["--build-context", `cut=${from}`] });
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/^error\[[a-z-]+\]/m);
      expect(ran.stderr).not.toMatch(/\n\s+at |^bug: /m);
    });

    test("a base whose programs are not for the platform that it claims: the step says so", async () => {
      // A VAX's: nobody has registered an emulator for it.
      const text = Buffer.from("\x7fELF\x02\x01\x01", "latin1");
      const program = Buffer.concat([text, Buffer.alloc(9), Buffer.from([2, 0, 75, 0, 1, 0, 0, 0]), Buffer.alloc(200)]);
      const context = shop.place();
      writeFileSync(join(context, "foreign"), program, { mode: 0o755 });
      const ran = await shop.build('FROM base\nCOPY foreign /bin/foreign\nRUN ["/bin/foreign"]\n', { context });
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/^error\[run-failed\].*exec format error/im);
    });
  });
});

interface Layout {
  readonly manifests: readonly { digest: string; size: number }[];
}

const blobOf = (folder: string, digest: string): string => join(folder, "blobs", digest.replace(":", "/"));

function lastLayer(folder: string): string {
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as Layout;
  const manifest = JSON.parse(readFileSync(blobOf(folder, (index.manifests[0] as { digest: string }).digest), "utf8"));
  return manifest.layers.at(-1).digest;
}

/** Changes the config of a layout with one image. */
function rewrite(folder: string, change: (config: Record<string, unknown>) => void): void {
  const put = (value: unknown) => {
    const text = JSON.stringify(value);
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
    writeFileSync(blobOf(folder, digest), text);
    return { digest, size: text.length };
  };
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
  const manifest = JSON.parse(readFileSync(blobOf(folder, index.manifests[0].digest), "utf8"));
  const config = JSON.parse(readFileSync(blobOf(folder, manifest.config.digest), "utf8"));
  change(config);
  Object.assign(manifest.config, put(config));
  Object.assign(index.manifests[0], put(manifest));
  writeFileSync(join(folder, "index.json"), JSON.stringify(index));
}
