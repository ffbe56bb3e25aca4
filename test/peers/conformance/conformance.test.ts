// Needs: Go, to compile the public OCI distribution conformance suite
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { type ServeOptions, serveRegistry } from "../../../src/adapters/node/http-server.ts";
import { openStore } from "../../../src/adapters/node/store/store.ts";
import { registryHandler } from "../../../src/registry/server/handler.ts";
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY } from "../../harness/test-certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "multihull-conformance-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every part that the suite leaves off by itself. */
const EVERYTHING = {
  OCI_API_BLOBS_DIGEST_HEADER: "true",
  OCI_API_BLOBS_UPLOAD_CANCEL: "true",
  OCI_API_MANIFESTS_DIGEST_HEADER: "true",
  OCI_API_MANIFESTS_TAG_PARAM: "true",
  OCI_DATA_SPARSE: "true",
};

interface Outcome {
  /** Of single tests: passed, failure, error, skipped … → how many. */
  readonly tests: Readonly<Record<string, number>>;
  /** Of the parts, by name: Pass, FAIL, Skip, Disabled … */
  readonly parts: Readonly<Record<string, string>>;
}

async function conformance(
  program: string,
  name: string,
  sparse: boolean,
  options: Partial<ServeOptions>,
  env: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const failures: unknown[] = [];
  const store = await openStore(join(folder, name, "store"), { durable: true });
  const handler = registryHandler(store.registry, store.blobs, { clock: { nowMs: () => Date.now() }, sparse, onFailure: (error) => failures.push(error) });
  const server = await serveRegistry({ listen: "127.0.0.1:0", handler, onFailure: (error) => failures.push(error), ...options });
  const results = join(folder, name, "results");
  try {
    const words = { OCI_VERSION: "1.1", OCI_REGISTRY: `127.0.0.1:${server.port}`, OCI_TLS: "disabled", OCI_RESULTS_DIR: results, ...EVERYTHING, ...env };
    // It ends with 1 when a test failed: what it wrote tells which.
    await promisify(execFile)(program, [], { env: words, cwd: folder, maxBuffer: 1 << 28 }).catch((error: unknown) => error);
  } finally {
    await server.close();
    await store.close();
  }
  expect(failures).toEqual([]);
  return readOutcome(readFileSync(join(results, "junit.xml"), "utf8"), readFileSync(join(results, "results.yaml"), "utf8"));
}

function readOutcome(junit: string, yaml: string): Outcome {
  const tests: Record<string, number> = {};
  for (const [, status] of junit.matchAll(/<testcase [^>]*\bstatus="([a-z]+)"/g)) tests[status as string] = (tests[status as string] ?? 0) + 1;
  const [, report = ""] = /^apis:\n([\s\S]*)$/m.exec(yaml) ?? [];
  const parts = Object.fromEntries([...report.matchAll(/^ {2}(\S.*): (\S+)$/gm)].map(([, part, status]) => [part as string, status as string]));
  return { tests, parts };
}

describe("the OCI distribution conformance suite", () => {
  const installed = spawnSync(join(import.meta.dirname, "install.sh"), { encoding: "utf8" });
  const program = installed.stdout.trim();
  if (installed.status !== 0) {
    test("all of it", (context) => context.skip(`it could not be compiled: ${installed.stderr.trim().split("\n").at(-1)}`));
    return;
  }

  test("passes with every part on, none failed and none skipped", async () => {
    const { tests, parts } = await conformance(program, "everything", true, {}, {});
    expect(Object.keys(tests)).toEqual(["passed"]);
    expect(tests.passed).toBeGreaterThan(800);
    expect(Object.entries(parts).filter(([, status]) => status !== "Pass")).toEqual([]);
    // Names of parts that a changed suite must not lose unseen.
    expect(Object.keys(parts)).toEqual(
      expect.arrayContaining([
        "Blob anonymous mount",
        "Blob chunked",
        "Blob get range",
        "Blob upload cancel",
        "Manifest put with tag params",
        "Referrers",
        "Sparse Manifests",
        "Tag delete",
      ]),
    );
    expect(Object.keys(parts).length).toBeGreaterThanOrEqual(52);
  });

  test("passes over TLS with a password, by a registry that takes nothing incomplete", async () => {
    const options = { tls: { cert: TEST_CERTIFICATE, key: TEST_KEY }, htpasswd: { text: "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=" } };
    // Where Go looks for authorities; the suite's own word for unchecked certificates does nothing.
    const authority = join(folder, "authority.pem");
    writeFileSync(authority, TEST_AUTHORITY);
    const env = { OCI_TLS: "enabled", SSL_CERT_FILE: authority, OCI_USERNAME: "bob", OCI_PASSWORD: "secret", OCI_DATA_SPARSE: "false" };
    const { tests, parts } = await conformance(program, "strict", false, options, env);
    expect(Object.keys(tests)).toEqual(["passed"]);
    expect(Object.entries(parts).filter(([, status]) => status !== "Pass")).toEqual([["Sparse Manifests", "Disabled"]]);
  });
});
