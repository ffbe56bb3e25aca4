import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeWorld, type World } from "../adapters/node/world.ts";
import { type ContextPorts, mainCheckout, mainContext } from "./main-context.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "multihull-main-context-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
};

function ports(stdin = "", world: Partial<World> = {}): ContextPorts {
  const nobody = (): never => {
    throw new Error("nothing is brought from elsewhere here");
  };
  async function* input(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(stdin);
  }
  return {
    world: { ...nodeWorld(), cwd: folder, env: {}, stdin: input, ...world },
    remote: { file: nobody, git: nobody },
    workFolder: folder,
    buildArgs: new Map(),
    signal: undefined,
  };
}

const pathsOf = async (text: string, file: string | undefined, given = ports()): Promise<{ dockerfile: string; name: string; paths: string[] }> => {
  const main = await mainContext(text, file, given);
  const paths = (await (await main.open()).entries()).map(({ path }) => path);
  await main.close();
  return { dockerfile: main.dockerfile.text, name: main.dockerfile.name, paths };
};

describe("a folder", () => {
  test("has its Dockerfile and leaves out what .dockerignore says", async () => {
    write({ "app/Dockerfile": "FROM a", "app/.dockerignore": "*.log\n", "app/x.log": "", "app/x": "" });
    expect(await pathsOf("app", undefined)).toEqual({ dockerfile: "FROM a", name: "app/Dockerfile", paths: [".dockerignore", "Dockerfile", "x"] });
  });
  test("takes -f relative to where the user stands, and its own ignore file instead of the folder's", async () => {
    write({ "build/Prod": "FROM b", "build/Prod.dockerignore": "y\n", "app/.dockerignore": "x\n", "app/x": "", "app/y": "" });
    expect(await pathsOf("app", "build/Prod")).toEqual({ dockerfile: "FROM b", name: "build/Prod", paths: [".dockerignore", "x"] });
  });
  test("takes a Dockerfile from standard input", async () => {
    write({ "app/x": "" });
    expect(await pathsOf("app", "-", ports("FROM c"))).toEqual({ dockerfile: "FROM c", name: "-", paths: ["x"] });
  });
  test("takes a dockerfile in lower case when there is no other", async () => {
    write({ "app/dockerfile": "FROM d" });
    expect((await pathsOf("app", undefined)).dockerfile).toBe("FROM d");
  });
});

test("standard input is a Dockerfile without files", async () => {
  expect(await pathsOf("-", undefined, ports("FROM e"))).toEqual({ dockerfile: "FROM e", name: "-", paths: [] });
});

describe("is refused", () => {
  const cases: Readonly<Record<string, { context: string; file?: string; code: string; message: RegExp }>> = {
    "a folder without a Dockerfile": { context: ".", code: "file-unreadable", message: /no Dockerfile at "Dockerfile"/ },
    "a Dockerfile that is not there": { context: ".", file: "nope/D", code: "file-unreadable", message: /no Dockerfile at "nope\/D"/ },
    "one input for two": { context: "-", file: "-", code: "usage", message: /both the context and the Dockerfile/ },
    "an image": { context: "docker-image://alpine", code: "usage", message: /is an image/ },
    "an unknown scheme": { context: "s3://bucket/x", code: "usage", message: /s3:/ },
    nothing: { context: "", code: "usage", message: /empty/ },
  };
  for (const [name, c] of Object.entries(cases))
    test(name, async () => {
      await expect(mainContext(c.context, c.file, ports())).rejects.toThrow(
        expect.objectContaining({ code: c.code, message: expect.stringMatching(c.message) }),
      );
    });
});

describe("a checkout for the main context", () => {
  const address = { remote: "https://h.example/r.git" };
  const cases: Readonly<
    Record<string, { address: Parameters<typeof mainCheckout>[0]; args?: Record<string, string>; env?: Record<string, string>; wanted: object }>
  > = {
    "as it is": { address, wanted: { keepGitDir: false } },
    "has the commit's time with SOURCE_DATE_EPOCH": { address, env: { SOURCE_DATE_EPOCH: "1" }, wanted: { keepGitDir: false, mtime: "commit" } },
    "and with it as an argument": { address, args: { SOURCE_DATE_EPOCH: "1" }, wanted: { keepGitDir: false, mtime: "commit" } },
    "an empty argument takes it back": { address, args: { SOURCE_DATE_EPOCH: "" }, env: { SOURCE_DATE_EPOCH: "1" }, wanted: { keepGitDir: false } },
    "unless the address says otherwise": {
      address: { ...address, mtime: "checkout" },
      env: { SOURCE_DATE_EPOCH: "1" },
      wanted: { keepGitDir: false, mtime: "checkout" },
    },
    "keeps .git when it is asked to": { address, args: { BUILDKIT_CONTEXT_KEEP_GIT_DIR: "1" }, wanted: { keepGitDir: true } },
    "or by its address": { address: { ...address, keepGitDir: true }, args: { BUILDKIT_CONTEXT_KEEP_GIT_DIR: "0" }, wanted: { keepGitDir: true } },
  };
  for (const [name, c] of Object.entries(cases))
    test(name, () => {
      const given = { buildArgs: new Map(Object.entries(c.args ?? {})), world: { env: c.env ?? {} } };
      expect(mainCheckout(c.address, given)).toEqual({ remote: address.remote, ...c.wanted });
    });
});
