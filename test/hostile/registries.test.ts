import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type Row, tarOf } from "../harness/built-result.ts";
import type { Answer } from "../harness/hostile-server.ts";
import { multihull, temporaryFolder } from "../harness/multihull.ts";
import { type EvilRegistry, evilRegistry } from "./evil-registry.ts";

const layer: readonly Row[] = [{ path: "x", content: "x".repeat(100_000) }];

/** What a person sees of a build upon an image of a bad registry. */
async function seen(registry: EvilRegistry): Promise<{ readonly status: number | null; readonly stderr: string; readonly stdout: string }> {
  registry.tag(registry.image({ layers: [tarOf(layer)] }));
  return await multihull(
    ["build", "--store", temporaryFolder(), "--platform", "linux/amd64", "--progress", "quiet", "-o", "type=tar,dest=-", "-f", "-", temporaryFolder()],
    {
      input: `FROM ${registry.name}\n`,
    },
  );
}

const always =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
const words = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] });

interface Bad {
  readonly instead: Answer;
  /** Only where blobs are asked for. */
  readonly blobsOnly?: boolean;
  readonly code: string;
  /** Status, and the registry's own words. */
  readonly says: RegExp;
  readonly help?: RegExp;
}

const BAD: Readonly<Record<string, Bad>> = {
  "401 without a challenge": {
    instead: always(401, words("UNAUTHORIZED", "who are you")),
    code: "registry-unauthorized",
    says: /401.*who are you/,
    help: /docker login/,
  },
  "403": { instead: always(403, words("DENIED", "not for you")), code: "registry-denied", says: /403.*DENIED: not for you/, help: /permission/ },
  "404 as a web page": {
    instead: always(404, "<html><title>Lost\u001b[31m</title></html>", { "content-type": "text/html" }),
    code: "registry-not-found",
    says: /404.*a web page, Lost/,
    help: /name and tag/,
  },
  "429 with a wait that is too long": {
    instead: always(429, words("TOOMANYREQUESTS", "slow down"), { "retry-after": "86400" }),
    code: "registry-rate-limited",
    says: /429.*slow down/,
    help: /wait/,
  },
  "500 with a wait that is too long": {
    instead: always(500, words("UNKNOWN", "on fire"), { "retry-after": "86400" }),
    code: "registry-rate-limited|registry-status",
    says: /500.*on fire/,
  },
  "a login page with 200": {
    instead: always(200, "<html><title>Sign in</title></html>", { "content-type": "text/html" }),
    code: "registry-status",
    says: /Sign in/,
  },
  "a redirect in a circle": {
    instead: (request, response) => void response.writeHead(307, { location: request.url ?? "" }).end(),
    code: "registry-status",
    says: /redirects/,
  },
  "a redirect to a file": {
    instead: (_, response) => void response.writeHead(307, { location: "file:///etc/passwd" }).end(),
    code: "registry-status",
    says: /redirect/,
  },
  "a blob with 403": { instead: always(403, words("DENIED", "blob withheld")), blobsOnly: true, code: "registry-denied", says: /403.*blob withheld/ },
  "a blob with 200 and a web page": {
    instead: always(200, "<html>hello</html>"),
    blobsOnly: true,
    code: "size-mismatch|digest-mismatch|registry-status|registry-unreachable",
    says: /sha256:/,
  },
};

describe("a build upon a bad registry ends with a problem that has its status, its own words and a hint", () => {
  for (const [name, { instead, blobsOnly = false, code, says, help = /./ }] of Object.entries(BAD)) {
    test(name, async () => {
      const registry = await evilRegistry();
      registry.instead = (request, response) =>
        !blobsOnly || request.url?.includes("/blobs/") === true ? (instead(request, response) ?? Promise.resolve()) : undefined;
      const { status, stdout, stderr } = await seen(registry);
      const [first = "", ...rest] = stderr.split("\n");
      expect(first).toMatch(new RegExp(`^error\\[(?:${code})\\]: `));
      expect(first).toMatch(says);
      expect(rest.join("\n")).toMatch(new RegExp(`(?:help: ).*${help.source}`));
      expect(stderr).not.toMatch(/\n\s+at |\u001b/);
      expect(stdout).toBe("");
      expect(status).toBe(1);
    });
  }
});

test("a registry that stumbles, cuts connections and lies about ranges is got through", async () => {
  const registry = await evilRegistry();
  const gzipped = registry.blob(gzipSync(tarOf(layer)));
  const { size } = gzipped;
  const asked = new Map<string, number>();
  registry.instead = (request, response) => {
    const url = request.url ?? "";
    if (!url.startsWith("/v2/base/")) return undefined;
    const times = (asked.get(url) ?? 0) + 1;
    asked.set(url, times);
    if (url.includes("/manifests/")) return times === 1 ? Promise.resolve(void response.writeHead(503, { "retry-after": "0" }).end()) : undefined;
    // The config is smaller than what is cut off here.
    if (times === 1 && url.includes(gzipped.digest)) {
      response.writeHead(200, { "content-length": size });
      response.write(gzipSync(tarOf(layer)).subarray(0, 1));
      setImmediate(() => response.destroy());
      return Promise.resolve();
    }
    if (times === 2 && url.includes(gzipped.digest) && request.headers.range !== undefined) {
      // Another range than was asked for.
      return Promise.resolve(void response.writeHead(206, { "content-range": `bytes 0-1/${size}`, "content-length": 2 }).end("no"));
    }
    return undefined;
  };
  const { status, stderr } = await seen(registry);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(Math.max(...asked.values())).toBeGreaterThan(1);
});

test("an unknown platform is answered with the nearest known one, a missing one with those there are", async () => {
  const registry = await evilRegistry();
  registry.tag(registry.image());
  const run = (platform: string): ReturnType<typeof multihull> =>
    multihull(["build", "--store", temporaryFolder(), "--platform", platform, "-q", "-f", "-", temporaryFolder()], { input: `FROM ${registry.name}\n` });
  const unknown = await run("linux/amd46");
  expect(unknown.stderr).toMatch(/^error\[platform-unknown\]: .*"linux\/amd46"[\s\S]*did you mean linux\/amd64\?/);
  expect(unknown.status).toBe(2);
  const missing = await run("linux/riscv64");
  expect(missing.stderr).toMatch(/has no image for linux\/riscv64; it has linux\/amd64/);
  expect(missing.status).toBe(1);
});
