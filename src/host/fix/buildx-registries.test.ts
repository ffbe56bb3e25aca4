import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hostFacts, told, untold } from "../../../test/harness/host-facts.ts";
import type { HostFacts } from "../facts.ts";
import { builderRegistries, isRegistryHost, registryTables, tomlString } from "./buildx-registries.ts";

const answering = (registry: string, scheme: "http" | "https"): HostFacts["registries"][number] => ({
  registry,
  reachable: told({ scheme, wantsLogin: false }),
});

describe("what a builder is told of registries", () => {
  const cases: Readonly<Record<string, { facts?: HostFacts; insecure?: string[]; toml: string; onLoopback?: string[]; notes?: RegExp[] }>> = {
    "nothing where Docker has its defaults": { toml: "" },
    "one that is asked for, of which nothing is known": {
      insecure: ["localhost:5000"],
      toml: '[registry."localhost:5000"]\n  http = true\n  insecure = true\n',
      onLoopback: ["localhost:5000"],
    },
    "one that answered without TLS": {
      facts: hostFacts({}, { registries: [answering("127.0.0.1:5000", "http")] }),
      insecure: ["127.0.0.1:5000"],
      toml: '[registry."127.0.0.1:5000"]\n  http = true\n',
      onLoopback: ["127.0.0.1:5000"],
    },
    "one that answered with TLS": {
      facts: hostFacts({}, { registries: [answering("registry.lan", "https")] }),
      insecure: ["registry.lan"],
      toml: '[registry."registry.lan"]\n  insecure = true\n',
    },
    "one that was asked whether it answers, on loopback: the network alone": {
      facts: hostFacts({}, { registries: [answering("127.0.0.1:5000", "http")] }),
      toml: "",
      onLoopback: ["127.0.0.1:5000"],
    },
    "one that does not answer is nothing": {
      facts: hostFacts({}, { registries: [{ registry: "127.0.0.1:5000", reachable: untold("nobody answers", "start it", "silent") }] }),
      toml: "",
    },
    "Docker's own insecure ones, sorted and once": {
      facts: hostFacts({ daemon: { insecureRegistries: ["127.0.0.0/8", "b.lan:80", "a.lan"] } }),
      insecure: ["b.lan:80"],
      toml: '[registry."a.lan"]\n  http = true\n  insecure = true\n\n[registry."b.lan:80"]\n  http = true\n  insecure = true\n',
    },
    "mirrors of Docker Hub, by http and with a path": {
      facts: hostFacts({ daemon: { mirrors: ["http://127.0.0.1:5000/", "https://mirror.example/hub/"] } }),
      toml: '[registry."127.0.0.1:5000"]\n  http = true\n\n[registry."docker.io"]\n  mirrors = ["127.0.0.1:5000", "mirror.example/hub"]\n',
      onLoopback: ["127.0.0.1:5000"],
    },
    "a network other than loopback cannot be told": {
      facts: hostFacts({ daemon: { insecureRegistries: ["10.0.0.0/8"] } }),
      toml: "",
      notes: [/"10\.0\.0\.0\/8" without TLS; BuildKit has to be told each by name/],
    },
    "a mirror with a password is left out, and the password not shown": {
      facts: hostFacts({ daemon: { mirrors: ["https://u:hunter2@mirror.example"] } }),
      toml: "",
      notes: [/^(?!.*hunter2).*"https:\/\/…@mirror\.example"/],
    },
    "a mirror that would break the file is left out": {
      facts: hostFacts({ daemon: { mirrors: ['https://x"]\nroot = "/'] } }),
      toml: "",
      notes: [/is left out$/],
    },
  };
  test.each(Object.entries(cases))("%s", (_name, { facts = hostFacts(), insecure = [], toml, onLoopback = [], notes = [] }) => {
    const found = builderRegistries(facts, insecure);
    expect(registryTables(found)).toBe(toml);
    expect(found.onLoopback).toEqual(onLoopback);
    expect(found.notes).toEqual(notes.map((note) => expect.stringMatching(note)));
  });
});

describe("a registry's host", () => {
  test.each(["localhost", "localhost:5000", "127.0.0.1:5000", "[::1]:5000", "a-b.example", "X.lan:65535"])("%s is one", (host) => {
    expect(isRegistryHost(host)).toBe(true);
  });
  const hostile = [
    "",
    "a b",
    'x"]',
    "x\nhttp = true",
    "x\\",
    "http://x",
    "x/y",
    "u:p@x",
    "x:0",
    "x:65536",
    "x:",
    "-x",
    "x-",
    ".",
    "a".repeat(300),
    "ä.example",
    "x\0",
  ];
  test.each(hostile)("%j is none, and is refused with what is wanted", (host) => {
    expect(isRegistryHost(host)).toBe(false);
    expect(() => builderRegistries(hostFacts(), [host])).toThrow(expect.objectContaining({ code: "usage", hint: expect.stringContaining("HOST[:PORT]") }));
  });
});

describe("a string of TOML", () => {
  test.each([
    ["plain", '"plain"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ["a\nb\tc\u007f", '"a\\u000ab\\u0009c\\u007f"'],
    ["ä\u{1f600}", '"ä\u{1f600}"'],
    ["a\ud800b", '"a\ufffdb"'],
  ])("%j", (text, quoted) => {
    expect(tomlString(text)).toBe(quoted);
  });
  test("never ends before its end, and holds no bare control character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const quoted = tomlString(text);
        expect(quoted).toMatch(/^"(?:[^"\\\p{Cc}]|\\["\\]|\\u[0-9A-Fa-f]{4}|[\u0080-\u009f])*"$/u);
        // JSON's strings are TOML's but for DEL, which JSON reads escaped too.
        expect(JSON.parse(quoted)).toBe(text);
      }),
    );
  });
});
