import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { multihull, temporaryFolder } from "./harness/multihull.ts";

const EPOCH = 1_600_000_000;

const FILES: readonly (readonly [path: string, content: string])[] = [
  [
    "Dockerfile",
    "FROM scratch\nARG TARGETARCH\nWORKDIR /srv/app\nCOPY tree/ ./\nCOPY --chown=5:6 bin-$TARGETARCH /bin/p\nCOPY <<E /etc/made\nx\nE\nLABEL b=2 a=1\n",
  ],
  ["bin-amd64", "amd64"],
  ["bin-arm64", "arm64"],
  ["tree/Zed", "upper case sorts before lower"],
  ["tree/a/one", "1"],
  ["tree/a/two", "2".repeat(3_000_000)],
  ["tree/ä", "not ASCII"],
];

/** The same content, made in this order, with times `offset` seconds after the epoch. */
function makeContext(order: "forward" | "backward", offset: number): string {
  const folder = temporaryFolder();
  for (const [path, content] of order === "forward" ? FILES : [...FILES].reverse()) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), content);
    chmodSync(join(folder, path), 0o644);
  }
  symlinkSync("a/one", join(folder, "tree/link"));
  for (const path of ["tree", "tree/a"]) chmodSync(join(folder, path), 0o755);
  for (const path of [...FILES.map(([file]) => file), "tree/a", "tree"]) utimesSync(join(folder, path), EPOCH + offset, EPOCH + offset);
  return folder;
}

async function digestOf(folder: string, store: string, env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<string> {
  const ran = await multihull(["build", "--store", store, "-q", "--platform", "linux/amd64,linux/arm64", ...args, folder], { env });
  expect(ran.stderr).toBe("");
  return ran.stdout.trim();
}

describe("with SOURCE_DATE_EPOCH the same content gives the same digest", () => {
  const epoch = { SOURCE_DATE_EPOCH: String(EPOCH) };
  const first = async (): Promise<string> => await digestOf(makeContext("forward", 10), temporaryFolder(), epoch);
  const cases: Readonly<Record<string, () => Promise<string>>> = {
    "in another folder, with files made in another order and at another time": () => digestOf(makeContext("backward", 99_999), temporaryFolder(), epoch),
    "in another time zone and locale": () =>
      digestOf(makeContext("forward", 10), temporaryFolder(), { ...epoch, TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8", LANG: "sv_SE.UTF-8" }),
    "with one thread": () => digestOf(makeContext("forward", 10), temporaryFolder(), { ...epoch, UV_THREADPOOL_SIZE: "1" }),
    "with eight threads": () => digestOf(makeContext("forward", 10), temporaryFolder(), { ...epoch, UV_THREADPOOL_SIZE: "8" }),
    "told as a build argument": () => digestOf(makeContext("forward", 10), temporaryFolder(), {}, ["--build-arg", `SOURCE_DATE_EPOCH=${EPOCH}`]),
    "without the cache": async () => {
      const store = temporaryFolder();
      await digestOf(makeContext("forward", 10), store, epoch);
      return await digestOf(makeContext("backward", 20), store, epoch, ["--no-cache"]);
    },
  };
  for (const [name, other] of Object.entries(cases)) test(name, async () => expect(await other()).toBe(await first()));

  test("under another umask", async () => {
    const before = process.umask(0o077);
    try {
      expect(await digestOf(makeContext("forward", 10), temporaryFolder(), epoch)).toBe(await first());
    } finally {
      process.umask(before);
    }
  });

  test("but other content gives another", async () => {
    const folder = makeContext("forward", 10);
    writeFileSync(join(folder, "bin-arm64"), "other");
    expect(await digestOf(folder, temporaryFolder(), epoch)).not.toBe(await first());
  });

  test("and times before the epoch stay as they are", async () => {
    expect(await digestOf(makeContext("forward", -10), temporaryFolder(), epoch)).not.toBe(await first());
  });
});

test("without it, building again on one store gives the same digest, also when only file times changed", async () => {
  const store = temporaryFolder();
  const folder = makeContext("forward", 10);
  const first = await digestOf(folder, store, {});
  expect(await digestOf(folder, store, {})).toBe(first);
  expect(await digestOf(makeContext("backward", 77), store, {})).toBe(first);
});

test("a SOURCE_DATE_EPOCH that is no time is refused", async () => {
  const { status, stderr } = await multihull(["build", "--store", temporaryFolder(), makeContext("forward", 0)], { env: { SOURCE_DATE_EPOCH: "yesterday" } });
  expect(stderr).toMatch(/error\[usage\].*SOURCE_DATE_EPOCH/);
  expect(status).toBe(2);
});
