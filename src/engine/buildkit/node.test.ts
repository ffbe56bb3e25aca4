import { describe, expect, test } from "vitest";
import { formatPlatform } from "../../core/platform.ts";
import { isProblem } from "../../core/problem.ts";
import { parseNodes } from "./node.ts";

describe("what names a node", () => {
  test.each([
    ["a BuildKit that listens", "linux/arm64=tcp://10.0.0.2:1234", { driver: "remote", endpoint: "tcp://10.0.0.2:1234", options: [] }],
    [
      "one with TLS",
      "linux/arm64=tcp://arm.example:1234?cacert=/tls/ca.pem&servername=arm",
      { driver: "remote", endpoint: "tcp://arm.example:1234", options: ["cacert=/tls/ca.pem", "servername=arm"] },
    ],
    ["a socket", "linux/amd64=unix:///run/buildkitd.sock", { driver: "remote", endpoint: "unix:///run/buildkitd.sock", options: [] }],
    ["a Docker over ssh", "linux/arm64=ssh://ci@arm.example:2222", { driver: "docker-container", endpoint: "ssh://ci@arm.example:2222", options: [] }],
    [
      "a cluster",
      "linux/arm64=kubernetes://builds?nodeselector=kubernetes.io/arch=arm64&replicas=2",
      { driver: "kubernetes", options: ["namespace=builds", "nodeselector=kubernetes.io/arch=arm64", "replicas=2"] },
    ],
    ["an option with commas", "linux/arm64=kubernetes://n?labels=a=b,c=d", { driver: "kubernetes", options: ["namespace=n", "labels=a=b,c=d"] }],
    [
      "a container",
      "linux/arm64=docker-container://arm-buildkitd?context=far",
      { driver: "remote", endpoint: "docker-container://arm-buildkitd?context=far", options: [] },
    ],
    ["a pod", "linux/arm64=kube-pod://arm-0?namespace=builds", { driver: "remote", endpoint: "kube-pod://arm-0?namespace=builds", options: [] }],
    ["a cluster's own namespace", "linux/arm64=kubernetes://", { driver: "kubernetes", options: [] }],
  ])("%s", (_, text, wanted) => {
    const [{ platforms, shown, ...node } = { platforms: [], shown: "" }] = parseNodes([text]);
    expect({ platforms: platforms.map(formatPlatform), shown, node }).toEqual({
      platforms: [text.slice(0, text.indexOf("="))],
      shown: text.slice(text.indexOf("=") + 1),
      node: wanted,
    });
  });

  test("several platforms of one node", () => {
    expect(parseNodes(["linux/arm64, linux/arm/v7=tcp://h:1"]).flatMap(({ platforms }) => platforms.map(formatPlatform))).toEqual([
      "linux/arm64",
      "linux/arm/v7",
    ]);
  });
});

describe("what does not", () => {
  test.each([
    ["nothing", [""], "names no platform or no address"],
    ["no platform", ["=tcp://h:1"], "names no platform or no address"],
    ["no address", ["linux/arm64="], "names no platform or no address"],
    ["no address at all", ["linux/arm64=somewhere"], "is no address"],
    ["no port", ["linux/arm64=tcp://h"], "has no host or no port"],
    ["no host", ["linux/arm64=ssh://"], "has no host"],
    ["another scheme", ["linux/arm64=http://h:1"], 'unknown scheme "http"'],
    ["a platform that nobody knows", ["linux/arm65=tcp://h:1"], "arm65"],
    ["a platform twice", ["linux/arm64=tcp://a:1", "linux/arm64/v8=tcp://b:1"], "linux/arm64 is given to two nodes"],
    ["an option of two lines", ["linux/arm64=kubernetes://n?labels=a%0Ab"], "has an option of several lines"],
    ["a socket without path", ["linux/arm64=unix://"], "has no path"],
    ["a container without name", ["linux/arm64=docker-container://"], "has no name"],
  ])("%s", (_, texts, message) => {
    expect(() => parseNodes(texts)).toThrow(message);
  });

  test("a password is refused, and no message holds it", () => {
    let told: unknown;
    try {
      parseNodes(["linux/arm64=ssh://ci:hunter2@h"]);
    } catch (error) {
      told = error;
    }
    expect(isProblem(told, "usage") && told.message).toBe('--node "ssh://ci:…@h" holds a password');
  });
});
