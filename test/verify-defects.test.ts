import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeWorld } from "../src/adapters/node/world.ts";
import { build } from "../src/api/build.ts";
import { serveRegistry } from "../src/api/registry.ts";
import type { BuildRequest } from "../src/api/request.ts";
import { type ImageFinding, type VerifyOptions, type VerifyReport, verify } from "../src/api/verify.ts";
import { parsePlatform } from "../src/core/platform.ts";
import { blobPath } from "../src/image/layout.ts";
import { checkImage } from "../src/verify/check.ts";
import { IMAGE_RULES } from "../src/verify/registry.ts";
import { type BuiltDefect, EVERY, type Found } from "./harness/defects.ts";
import { cleanImage } from "./harness/defects-bases.ts";
import { BUILT_DEFECTS } from "./harness/defects-built.ts";
import { CLEAN_VARIANTS } from "./harness/defects-clean.ts";
import { dockerfile, type Workshop, workshop } from "./harness/defects-context.ts";
import { FORM_DEFECTS } from "./harness/defects-form.ts";
import { PARITY_DEFECTS } from "./harness/defects-parity.ts";
import { makeImage, writeMadeLayout } from "./harness/made-image.ts";
import type { MadeImage } from "./harness/made-image-spec.ts";
import { readMade } from "./harness/made-image-subject.ts";
import { someOf } from "./harness/some-of.ts";

const room = mkdtempSync(join(tmpdir(), "multihull-test-"));
const world = { ...nodeWorld(), env: {}, cwd: room, home: room, buildPlatform: parsePlatform("linux/amd64"), compressesAsElsewhere: async () => true };
const store = join(room, "store");
let shop: Workshop;
beforeAll(async () => {
  shop = await workshop(room);
});
afterAll(() => rmSync(room, { recursive: true, force: true }));

let made = 0;
const newPath = (): string => join(room, `${++made}`);

const look = (name: string, options: VerifyOptions = {}): Promise<VerifyReport> => verify(name, { store, ...options }, world);

async function written(image: MadeImage): Promise<string> {
  const folder = newPath();
  writeMadeLayout(await makeImage(image), folder);
  return `oci:${folder}`;
}

/** Builds with the embedded engine, and writes what comes out to a new place. */
async function built({ lines, platforms }: Partial<BuiltDefect> = {}, output = "type=oci,tar=false"): Promise<string> {
  const dest = newPath();
  await buildTo({ outputs: [`${output},dest=${dest}`] }, lines, platforms);
  return dest;
}

async function buildTo(
  to: Pick<BuildRequest, "outputs" | "tags" | "push">,
  lines?: BuiltDefect["lines"],
  platforms: readonly string[] = ["linux/amd64,linux/arm64"],
): Promise<void> {
  const [file, text] = [newPath(), dockerfile(lines)];
  writeFileSync(file, text);
  const { context } = shop;
  await build(
    { ...to, context, buildContexts: shop.basesOf(text), file, platforms, engine: "embedded", store, buildArgs: ["SOURCE_DATE_EPOCH=1767225600"] },
    world,
  );
}

/** Without a file: what rules say of it. */
async function lookInMemory(image: MadeImage): Promise<Looked> {
  const subject = await readMade(image);
  return { findings: checkImage(subject, IMAGE_RULES), platforms: subject.images };
}

interface Looked {
  readonly findings: readonly ImageFinding[];
  readonly platforms: readonly { readonly name: string }[];
}

/** All that is said, as lines. */
const saidOf = ({ findings }: Looked): readonly string[] =>
  findings.map(({ rule, severity, at, message }) => `${severity} ${rule} ${at.platform ?? "-"}: ${message}`);

/** What is worse than a remark, in short. */
const found = ({ findings }: Looked, also: Readonly<Record<string, string>> = {}): readonly string[] =>
  findings
    .filter(({ severity, rule }) => severity !== "info" && also[rule] === undefined)
    .map(({ rule, severity, at }) => `${severity} ${rule} ${at.platform ?? "-"}`);

const expected = ({ rule, severity, platform }: Found, { platforms }: Looked): readonly string[] =>
  (platform === EVERY ? platforms.map(({ name }) => name) : [platform ?? "-"]).map((name) => `${severity} ${rule} ${name}`);

const named = <T extends { readonly name: string }>(all: readonly T[]): readonly (readonly [string, T])[] => all.map((one) => [one.name, one]);

describe("a release as it should be is not said a word of", () => {
  test("from a layout, written by hand", async () => {
    const report = await look(await written(cleanImage()));
    expect(saidOf(report)).toEqual([]);
    expect(report.notes).toEqual([]);
    expect(report.platforms.map(({ name, binaries }) => [name, binaries])).toEqual([
      ["linux/amd64", { total: 9, fitting: 9 }],
      ["linux/arm64", { total: 9, fitting: 9 }],
    ]);
  });

  test("built by ourselves: from a layout, an archive of OCI's, one of Docker's", async () => {
    const names = await Promise.all([
      built().then((path) => `oci:${path}`),
      built({}, "type=oci").then((path) => `oci-archive:${path}`),
      built({ platforms: ["linux/arm64"] }, "type=docker").then((path) => `docker-archive:${path}`),
    ]);
    const reports = await Promise.all(names.map((name) => look(name)));
    expect(reports.flatMap(saidOf)).toEqual([]);
    expect(reports.map(({ platforms }) => platforms.length)).toEqual([2, 2, 1]);
  });

  test("built by ourselves, from a registry", async () => {
    const server = await serveRegistry({ root: join(room, "registry"), listen: "127.0.0.1:0" }, world);
    try {
      const name = `${server.address}:${server.port}/org/app:1`;
      await buildTo({ tags: [name], push: true });
      expect(saidOf(await look(name))).toEqual([]);
    } finally {
      await server.close();
    }
  });

  test.concurrent.for(named(CLEAN_VARIANTS))("also not of: %s", async ([, { image }], { expect }) => {
    expect(saidOf(await lookInMemory(image))).toEqual([]);
  });
});

describe("one mistake is found by one rule", () => {
  test.concurrent.for(named(someOf(BUILT_DEFECTS, 3)))("built: %s", async ([, defect], { expect }) => {
    const report = await look(`oci:${await built(defect)}`, defect.options);
    expect(found(report, defect.also), saidOf(report).join("\n")).toEqual(expected(defect.found, report));
    if (defect.says !== undefined) expect(saidOf(report)[0]).toMatch(defect.says);
  });

  test.concurrent.for(named([...FORM_DEFECTS, ...PARITY_DEFECTS]))("written: %s", async ([, defect], { expect }) => {
    const report = await lookInMemory(defect.image);
    expect(found(report, defect.also), saidOf(report).join("\n")).toEqual(expected(defect.found, report));
    if (defect.says !== undefined) expect(saidOf(report)[0]).toMatch(defect.says);
  });

  test("compared: a release that is not the one before it", async () => {
    const [before, after] = await Promise.all([
      built({ lines: { env: "ENV LANG=C.UTF-8 APP_HOME=/srv APP_LEVEL=2" } }).then((path) => `oci:${path}`),
      built().then((path) => `oci:${path}`),
    ]);
    const report = await look(after, { against: before, equal: true });
    expect(found(report)).toEqual(["error differs-from-other linux/amd64", "error differs-from-other linux/arm64"]);
    expect(found(await look(after, { against: before }))).toEqual([]);
  });
});

describe("the table", () => {
  const all = [...BUILT_DEFECTS, ...FORM_DEFECTS, ...PARITY_DEFECTS];
  /** Rules that fail an image, and have no defect here. */
  const WITHOUT: Readonly<Record<string, string>> = {
    "smoke-failed": "it needs a sandbox that starts programs: test/run/smoke.test.ts",
  };

  test("has a defect for each rule that can fail an image", () => {
    const hit = new Set(all.map(({ found: { rule } }) => rule));
    const fails = IMAGE_RULES.filter(({ meta }) => meta.severity !== "info").map(({ meta }) => meta.id);
    expect(fails.filter((id) => !hit.has(id))).toEqual(Object.keys(WITHOUT));
  });

  test("has many defects, each by its own name", () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(BUILT_DEFECTS.length).toBeGreaterThan(50);
    expect(all.length).toBeGreaterThan(120);
  });
});

describe("no byte of an image goes unseen", async () => {
  const source = await makeImage(cleanImage());
  const digests = [...source.all.keys()];
  const anywhere = fc.tuple(fc.nat(digests.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }));

  const folder = newPath();

  /** Whether the image is a failed one while one of its blobs is changed. */
  async function isSeen(at: number, change: (bytes: Buffer) => Buffer): Promise<boolean> {
    const digest = digests[at] as (typeof digests)[number];
    const [path, bytes] = [join(folder, blobPath(digest)), Buffer.from(source.all.get(digest) as Uint8Array)];
    writeFileSync(path, change(Buffer.from(bytes)));
    const { failed } = await look(`oci:${folder}`);
    writeFileSync(path, bytes);
    return failed;
  }

  test("as long as nothing is changed, nothing is seen", async () => {
    writeMadeLayout(source, folder);
    expect(await isSeen(0, (bytes) => bytes)).toBe(false);
  });

  test("when it is changed", async () => {
    await fc.assert(
      fc.asyncProperty(anywhere, ([at, position, bits]) =>
        isSeen(at, (bytes) => {
          const place = position % bytes.length;
          bytes[place] = (bytes[place] as number) ^ bits;
          return bytes;
        }),
      ),
      { numRuns: 60 },
    );
  });

  test("when it is cut off", async () => {
    await fc.assert(
      fc.asyncProperty(anywhere, ([at, position]) => isSeen(at, (bytes) => bytes.subarray(0, position % bytes.length))),
      { numRuns: 40 },
    );
  });
});
