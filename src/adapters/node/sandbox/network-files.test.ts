import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { hostsFile, resolverFile } from "./network-files.ts";

test("/etc/hosts has the program's own names, then those that were given", () => {
  expect(
    hostsFile([
      { name: "db", address: "10.0.0.5" },
      { name: "six", address: "fd00::1" },
    ]),
  ).toBe("127.0.0.1\tlocalhost buildkitsandbox\n::1\tlocalhost ip6-localhost ip6-loopback\n10.0.0.5\tdb\nfd00::1\tsix\n");
});

const PUBLIC = "nameserver 8.8.8.8\nnameserver 8.8.4.4\nnameserver 2001:4860:4860::8888\nnameserver 2001:4860:4860::8844\n";

// Wanted: what BuildKit's util/resolvconf makes of it for a program with the machine's network.
test.each([
  ["one server", "nameserver 10.0.0.2\n", "nameserver 10.0.0.2\n"],
  [
    "a server of this machine stays",
    "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n",
    "nameserver 127.0.0.53\nsearch lan\noptions edns0 trust-ad\n",
  ],
  ["comments and blank lines go", "# made by x\n; so\n\nnameserver 1.1.1.1\n", "nameserver 1.1.1.1\n"],
  ["the last search counts, domain is one", "search a b\ndomain c\nnameserver 1.1.1.1\n", "nameserver 1.1.1.1\nsearch c\n"],
  ["options add up", "nameserver 1.1.1.1\noptions a\noptions b c\n", "nameserver 1.1.1.1\noptions a b c\n"],
  ["what is unknown stays", "nameserver 1.1.1.1\nsortlist 10.0.0.0\n", "nameserver 1.1.1.1\nsortlist 10.0.0.0\n"],
  ["a server that is no address", "nameserver here\n", PUBLIC],
  ["no servers", "search lan\n", `${PUBLIC}search lan\n`],
  ["an address with a zone", "nameserver fe80::1%eth0\n", "nameserver fe80::1%eth0\n"],
])("/etc/resolv.conf: %s", (_, text, wanted) => {
  const folder = mkdtempSync(join(tmpdir(), "multihull-resolv-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "resolv.conf"), text);
  expect(resolverFile(join(folder, "resolv.conf"))).toBe(wanted);
});

test("/etc/resolv.conf where the machine has none", () => {
  expect(resolverFile("/nonexistent/resolv.conf")).toBe(PUBLIC);
});
