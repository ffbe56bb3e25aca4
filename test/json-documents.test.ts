import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { multihull, projectRoot, startRegistry, temporaryFolder } from "./harness/multihull.ts";

interface Row {
  readonly key: string;
  readonly maybe: boolean;
}

/** The tables of a page by the heading above them. */
function tablesOf(page: string): ReadonlyMap<string, readonly Row[]> {
  const tables = new Map<string, Row[]>();
  for (const section of readFileSync(join(projectRoot, "docs", page), "utf8")
    .split("\n## ")
    .slice(1)) {
    const rows = [...section.matchAll(/^\| `([^`]+)` \| (maybe)? ?\|/gm)].map(([, key, maybe]) => ({ key: key as string, maybe: maybe !== undefined }));
    tables.set(section.split("\n", 1)[0] as string, rows);
  }
  return tables;
}

/** Where a document has values: `a.b`, `a[].b`. */
function keysOf(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOf(item, `${at}[]`));
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) => keysOf(inner, at === "" ? key : `${at}.${key}`));
}

function compare(heading: string, documents: readonly unknown[]): void {
  const rows = tablesOf("json.md").get(heading) ?? [];
  expect(rows.length, heading).toBeGreaterThan(3);
  const matches = (row: Row, key: string): boolean => (row.key.endsWith(".*") ? key.startsWith(row.key.slice(0, -1)) : row.key === key);
  for (const document of documents) {
    const keys = [...new Set(keysOf(document))];
    expect(
      keys.filter((key) => !rows.some((row) => matches(row, key))),
      `${heading}: undocumented`,
    ).toEqual([]);
    expect(
      rows.filter((row) => !row.maybe && !keys.some((key) => matches(row, key))).map(({ key }) => key),
      `${heading}: not there`,
    ).toEqual([]);
  }
}

test("documents have the keys that docs/json.md tells, and progress the fields of docs/progress.md", async () => {
  const [folder, store, out] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  mkdirSync(join(folder, "base"));
  writeFileSync(join(folder, "base/Dockerfile"), "FROM scratch\nCOPY Dockerfile /base\n");
  writeFileSync(join(folder, "Dockerfile"), "FROM base\nARG TARGETARCH\nWORKDIR /w\nCOPY Dockerfile f-$TARGETARCH\nLABEL a=b\n");
  const platforms = ["--platform", "linux/amd64,linux/arm64"];
  const json = async (args: readonly string[]): Promise<unknown> => JSON.parse((await multihull(args, { env: { MULTIHULL_STORE: store } })).stdout);
  const metadata = (name: string): unknown => JSON.parse(readFileSync(join(out, name), "utf8"));

  const base = ["-o", `type=oci,tar=false,dest=${out}/base`];
  const single = await json(["build", "--json", "--metadata-file", `${out}/one.json`, "-t", "app", "-o", `type=oci,dest=${out}/one.tar`, join(folder, "base")]);
  const several = await json(["build", "--json", "--metadata-file", `${out}/two.json`, ...platforms, ...base, join(folder, "base")]);
  compare("multihull build --json", [single, several]);
  compare("multihull build --metadata-file", [metadata("one.json"), metadata("two.json")]);

  const upon = [...platforms, "--build-context", `base=oci-layout://${out}/base`, folder];
  compare("multihull plan --json", [await json(["plan", "--json", ...upon])]);
  compare("multihull inspect --json", [
    await json(["inspect", "--json", `${out}/one.tar`]),
    await json(["inspect", "--json", "--files", "--platform", "linux/arm64", `${out}/base`]),
  ]);
  compare("A failure", [await json(["plan", "--json", "/nowhere"])]);

  const registry = await startRegistry(temporaryFolder());
  try {
    const lines: Record<string, unknown>[] = [];
    const build = ["build", "--progress", "json", "--push", "-t", `${registry.host}/a/b:1`, ...upon];
    for (const args of [build, build, [...build, "--cache-from", "x"]])
      for (const line of (await multihull(args, { env: { MULTIHULL_STORE: store } })).stderr.trim().split("\n")) lines.push(JSON.parse(line));
    const told = new Map<string, readonly string[]>();
    for (const [, types = "", fields = ""] of readFileSync(join(projectRoot, "docs/progress.md"), "utf8").matchAll(
      /^\| (`[a-z-]+`(?:, `[a-z-]+`)*) +\| (.*?) +\|/gm,
    ))
      for (const [, type] of types.matchAll(/`([a-z-]+)`/g))
        told.set(
          type as string,
          [...fields.matchAll(/`([A-Za-z]+)`/g)].map(([, field]) => field as string),
        );
    for (const { type, ...fields } of lines) {
      expect([...told.keys()]).toContain(type);
      expect(["atMs", ...(told.get(type as string) ?? [])]).toEqual(expect.arrayContaining(Object.keys(fields)));
    }
    const seen = new Set(lines.map(({ type }) => type));
    for (const type of ["planned", "vertex-started", "vertex-cached", "vertex-done", "transfer", "transfer-saved", "step-started", "step-done", "warning"])
      expect(seen).toContain(type);
  } finally {
    await registry.stop();
  }
  compare("multihull prune --json", [await json(["prune", "--json", "--dry-run"])]);
});
