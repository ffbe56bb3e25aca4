import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TEST_AUTHORITY, TEST_CERTIFICATE, TEST_KEY } from "../../../../test/harness/test-certificate.ts";
import { type BuildkitAddress, lookAtBuildkit } from "./look-at-buildkit.ts";

async function listening(server: Server): Promise<{ readonly host: string; readonly port: number }> {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "multihull-look-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const seen = (address: BuildkitAddress, answerMs?: number): Promise<string | undefined> => lookAtBuildkit(address, answerMs)(new AbortController().signal);
const secure = (): Server => createSecureServer({ cert: TEST_CERTIFICATE, key: TEST_KEY });

test("what speaks HTTP/2 is there", async () => {
  expect(await seen({ at: await listening(createHttp2Server()) })).toBeUndefined();
});

test("so is what speaks it over TLS with a certificate that is vouched for, to those who come with theirs", async () => {
  const folder = folderWith({ ca: TEST_AUTHORITY, cert: TEST_CERTIFICATE, key: TEST_KEY });
  const at = await listening(createSecureServer({ cert: TEST_CERTIFICATE, key: TEST_KEY, ca: TEST_AUTHORITY, requestCert: true }));
  const tls = { cacert: join(folder, "ca"), cert: join(folder, "cert"), key: join(folder, "key") };
  expect(await seen({ at, tls })).toBeUndefined();
  expect(await seen({ at, tls: { ...tls, servername: "reg.test" } })).toBeUndefined();
  expect(await seen({ at, tls: { cacert: tls.cacert } })).toMatch(/^127\.0\.0\.1:\d+ (?:and we do not agree about TLS|ends the connection)/);
});

test.each([
  ["speaks TLS, which is not spoken to it", () => listening(secure()), /(?:TLS|closes the connection)/],
  ["speaks HTTP/1", () => listening(createHttpServer()), / is no BuildKit: what it says is not HTTP\/2$/],
  ["hangs up", () => listening(createServer((socket) => void socket.end())), / (?:ends the connection before it says anything|closes the connection at once)/],
] as const)("what %s", async (_, at, words) => {
  expect(await seen({ at: await at() })).toMatch(words);
});

test("what takes the connection and says nothing does not answer", async () => {
  const at = await listening(createServer((socket) => onTestFinished(() => void socket.destroy())));
  expect(await seen({ at }, 1)).toBe(`127.0.0.1:${at.port} does not answer`);
});

test("where nobody listens, connections are refused", async () => {
  const server = createServer();
  const at = await listening(server);
  await new Promise((done) => server.close(done));
  expect(await seen({ at })).toBe(`127.0.0.1:${at.port} refuses connections`);
});

test("a socket that is not there", async () => {
  const path = join(folderWith({}), "none.sock");
  expect(await seen({ at: { path } })).toBe(`${path} is not there`);
});

test("a certificate that nobody vouches for", async () => {
  const folder = folderWith({ ca: TEST_CERTIFICATE });
  expect(await seen({ at: await listening(secure()), tls: { cacert: join(folder, "ca") } })).toMatch(/ and we do not agree about TLS: /);
});

test("a certificate's file that is not there", async () => {
  const folder = folderWith({});
  expect(await seen({ at: { host: "127.0.0.1", port: 1 }, tls: { cacert: join(folder, "ca") } })).toMatch(/^its certificates cannot be used: ENOENT/);
});

test("a look that is called off ends, and says nothing", async () => {
  const stop = new AbortController();
  const at = await listening(createServer(() => stop.abort()));
  expect(await lookAtBuildkit({ at })(stop.signal)).toBeUndefined();
});
