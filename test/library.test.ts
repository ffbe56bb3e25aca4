import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot, temporaryFolder } from "./harness/multihull.ts";

const entry = join(projectRoot, "dist/index.mjs");
/** The library as its users get it: bundled, by its entry. */
const library = (await import(entry)) as typeof import("../src/index.ts");

test("a user builds, pushes, inspects and prunes with the library alone", async () => {
  const [context, store] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nARG TARGETARCH\nCOPY app-$TARGETARCH /app\nUSER 1000\n");
  for (const architecture of ["amd64", "arm64"]) writeFileSync(join(context, `app-${architecture}`), architecture);
  const platforms = ["linux/amd64,linux/arm64"];

  const planned = await library.plan({ context, platforms, store });
  expect(planned.summary).toEqual({ platforms: 2, vertices: 3, shared: 1, runs: 0 });

  const requests: string[] = [];
  const server = await library.serveRegistry({ listen: "127.0.0.1:0", store, onRequest: ({ method, status }) => void requests.push(`${method} ${status}`) });
  try {
    const name = `${server.address}:${server.port}/team/app:v1`;
    const types = new Set<string>();
    const built = await library.build({ context, platforms, store, tags: [name], push: true, events: { emit: ({ type }) => void types.add(type) } });
    expect(built).toMatchObject({ imageId: built.digest, outputs: [{ type: "image" }], names: [name] });
    expect(types).toContain("transfer-saved");
    const report = await library.inspect(name, { store, files: true });
    expect(report.digest).toBe(built.digest);
    expect(report.platforms.map(({ platform, config, files }) => [platform, config.User, files?.map(({ path }) => path)])).toEqual([
      ["linux/amd64", "1000", ["/app"]],
      ["linux/arm64", "1000", ["/app"]],
    ]);
    expect(JSON.parse(Buffer.from(await library.inspectRaw(name)).toString())).toMatchObject({ mediaType: report.mediaType });
    expect(requests).toContain("PUT 201");
  } finally {
    await server.close();
  }

  const failure = await library.build({ context: join(context, "nowhere"), store }).catch((error: unknown) => error);
  expect(library.isProblem(failure)).toBe(true);
  expect(Object.keys(library.PROBLEMS)).toContain((failure as InstanceType<typeof library.ProblemError>).code);
  const left = await library.prune({ store, all: true });
  expect(left.kept.blobs).toBe(0);
});

test("a signal ends what is under way, with its reason", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const context = temporaryFolder();
  mkdirSync(join(context, "layout"));
  writeFileSync(join(context, "Dockerfile"), "FROM scratch\nCOPY Dockerfile /\n");
  const store = temporaryFolder();
  await expect(library.build({ context, store, signal })).rejects.toThrow();
  await library.build({ context, store, outputs: [`type=oci,tar=false,dest=${context}/layout`] });
  await expect(library.inspect(`${context}/layout`, { signal })).rejects.toBe(reason);
  await expect(library.prune({ store, signal })).rejects.toBe(reason);
});

describe("importing the library does nothing", () => {
  const did = (module: string): string[] =>
    JSON.parse(execFileSync(process.execPath, [join(import.meta.dirname, "harness/watched-import.mjs"), module], { encoding: "utf8" }));
  // Node's own loader asks for this one while it loads.
  const besidesNode = (seen: readonly string[]): string[] => seen.filter((what) => what !== "environment: WATCH_REPORT_DEPENDENCIES");

  test("no file, socket, child or variable of the environment", () => {
    expect(besidesNode(did(entry))).toEqual([]);
  });

  test("which would be seen", () => {
    const module = join(temporaryFolder(), "busy.mjs");
    writeFileSync(
      module,
      `import { readFileSync } from "node:fs"; import { spawnSync } from "node:child_process"; import { connect } from "node:net";
       readFileSync("/etc/passwd"); spawnSync("true"); connect(1, "127.0.0.1").on("error", () => {}); process.env.HOME;`,
    );
    const seen = did(module);
    expect(seen).toEqual(expect.arrayContaining(["file: readFileSync /etc/passwd", "child: spawnSync true", "environment: HOME"]));
    expect(seen.some((what) => what.startsWith("socket: connect"))).toBe(true);
  });
});
