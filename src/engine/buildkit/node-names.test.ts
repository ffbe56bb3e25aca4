import { expect, test } from "vitest";
import { shortNames } from "./node-names.ts";

test.each([
  ["hosts", ["tcp://10.0.0.2:1234", "ssh://ci@arm.example", "kubernetes://builds?replicas=2"], ["10.0.0.2", "arm.example", "builds"]],
  ["two ports of one host", ["tcp://h:1", "tcp://h:2", "tcp://g:1"], ["h:1", "h:2", "g:1"]],
  ["sockets", ["unix:///run/amd64.sock", "unix:///run/arm64.sock"], ["amd64", "arm64"]],
  ["sockets of one name", ["unix:///a/buildkitd.sock", "unix:///b/buildkitd.sock"], ["/a/buildkitd.sock", "/b/buildkitd.sock"]],
  ["one place with other options", ["tcp://h:1?servername=a", "tcp://h:1?servername=b"], ["tcp://h:1?servername=a", "tcp://h:1?servername=b"]],
  ["a cluster's own namespace, IPv6", ["kubernetes://", "tcp://[::1]:1"], ["kubernetes", "[::1]"]],
  ["none", [], []],
])("%s", (_, addresses, wanted) => {
  expect(shortNames(addresses)).toEqual(wanted);
});
