import { expect, test } from "vitest";
import { parseInspect } from "./buildx-inspect.ts";

// Buildx 0.29.1, 2026-11-22.
const RUNNING = `Name:          rem
Driver:        remote
Last Activity: 2026-11-22 22:19:58 +0000 UTC

Nodes:
Name:             rem0
Endpoint:         unix:///run/buildkitd.sock
Driver Options:   servername="x"
Status:           running
BuildKit version: v0.34.2
Platforms:        linux/arm64*, linux/amd64, linux/386
Labels:
 org.mobyproject.buildkit.worker.executor:         oci
 org.mobyproject.buildkit.worker.snapshotter:      overlayfs
GC Policy rule#0:
 All:            false
 Filters:        type==source.local type==exec.cachemount type==source.git.checkout
 Keep Duration:  48h0m0s
File#buildkitd.toml:
 > Name: trick
 > insecure-entitlements = [ "network.host" ]

Name:     rem1
Endpoint: tcp://10.0.0.9:1234
Error:    failed to find
  the node

of that name
`;

test("nodes with their platforms, the declared ones apart, labels, and errors of several lines", () => {
  expect(parseInspect(RUNNING)).toEqual({
    driver: "remote",
    error: undefined,
    nodes: [
      {
        name: "rem0",
        endpoint: "unix:///run/buildkitd.sock",
        status: "running",
        error: undefined,
        version: "0.34.2",
        platforms: ["linux/amd64", "linux/386"],
        declared: ["linux/arm64"],
        labels: new Map([
          ["org.mobyproject.buildkit.worker.executor", "oci"],
          ["org.mobyproject.buildkit.worker.snapshotter", "overlayfs"],
        ]),
      },
      {
        name: "rem1",
        endpoint: "tcp://10.0.0.9:1234",
        status: undefined,
        error: "failed to find the node of that name",
        version: undefined,
        platforms: [],
        declared: [],
        labels: undefined,
      },
    ],
  });
});

test("a builder that could not be asked", () => {
  const text = "Name:   default\nDriver: \nError:  Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?\n";
  expect(parseInspect(text)).toEqual({ driver: "", error: "Cannot connect to the Docker daemon at unix:///x.sock. Is the docker daemon running?", nodes: [] });
});

test("the words of older releases, and a version that says nothing", () => {
  const old =
    "Name:   default\nDriver: docker\n\nNodes:\nName:      default\nEndpoint:  default\nStatus:    running\nBuildkit:  20.10.7\nPlatforms: linux/amd64, linux/386\n";
  expect(parseInspect(old)?.nodes[0]).toMatchObject({ version: "20.10.7", platforms: ["linux/amd64", "linux/386"], labels: undefined });
  expect(parseInspect(old.replace("20.10.7", "v0.0.0+unknown"))?.nodes[0]?.version).toBeUndefined();
});

test.each(["", 'ERROR: no builder "x" found', "Name: x", '{"Name":"x"}'])("no description of a builder: %j", (text) => {
  expect(parseInspect(text)).toBeUndefined();
});
