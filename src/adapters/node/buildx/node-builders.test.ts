import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type FakeAnswer, fakeDocker } from "../../../../test/harness/fake-docker.ts";
import { type NodeSpec, parseNodes } from "../../../engine/buildkit/node.ts";
import type { BuildkitBuilder } from "../../../engine/buildkit/request.ts";
import { hostPrograms } from "../host/programs.ts";
import { nodeBuilder } from "./node-builders.ts";

const specOf = (text: string): NodeSpec => parseNodes([text])[0] as NodeSpec;

function fake(answers: readonly FakeAnswer[]) {
  const docker = fakeDocker(answers);
  const folder = mkdtempSync(join(tmpdir(), "multihull-node-builders-"));
  onTestFinished(() => {
    docker.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const home = join(folder, "buildx");
  return {
    docker,
    home,
    builder: (spec: NodeSpec): Promise<BuildkitBuilder> => nodeBuilder(spec, { programs: hostPrograms(docker.env), folder: home, buildx: "0.29.1" }),
  };
}

test.each([
  ["a BuildKit that listens", "linux/arm64=tcp://10.0.0.2:1234", ["--driver", "remote", "tcp://10.0.0.2:1234"]],
  [
    "one with TLS",
    "linux/arm64=tcp://10.0.0.2:1234?cacert=/tls/ca.pem&servername=arm",
    ["--driver", "remote", "--driver-opt", "cacert=/tls/ca.pem", "--driver-opt", "servername=arm", "tcp://10.0.0.2:1234"],
  ],
  ["a Docker over ssh", "linux/arm64=ssh://ci@arm", ["--driver", "docker-container", "ssh://ci@arm"]],
  [
    "a cluster: an option with a comma is one",
    "linux/arm64=kubernetes://builds?replicas=2&nodeselector=kubernetes.io/arch=arm64,pool=ci",
    [
      "--driver",
      "kubernetes",
      "--driver-opt",
      "namespace=builds",
      "--driver-opt",
      "replicas=2",
      "--driver-opt",
      '"nodeselector=kubernetes.io/arch=arm64,pool=ci"',
    ],
  ],
  ["a pod", "linux/arm64=kube-pod://arm-0?namespace=builds", ["--driver", "remote", "kube-pod://arm-0?namespace=builds"]],
])("what Buildx is told of %s", async (_, text, args) => {
  const { docker, home, builder } = fake([{ when: /^buildx create / }]);
  const { name = "", ...rest } = await builder(specOf(text));
  expect(name).toMatch(/^multihull-[0-9a-f]{12}$/);
  expect(docker.calls()).toEqual([["buildx", "create", "--name", name, ...args]]);
  expect(rest).toMatchObject({ env: { BUILDX_CONFIG: home }, buildx: "0.29.1", driver: args[1] });
  expect(statSync(home).mode & 0o077).toBe(0);
});

test("a node of a builder keeps its name, by which Buildx finds its container", async () => {
  const { docker, builder } = fake([{ when: /^buildx create / }]);
  const { name } = await builder({ ...specOf("linux/arm64=ssh://ci@arm"), name: "team1" });
  expect(docker.calls()).toEqual([["buildx", "create", "--name", name, "--driver", "docker-container", "--node", "team1", "ssh://ci@arm"]]);
  expect(name).not.toBe((await builder(specOf("linux/arm64=ssh://ci@arm"))).name);
});

test("one that is there is not made again", async () => {
  const { docker, home, builder } = fake([{ when: /^buildx create / }]);
  const spec = specOf("linux/arm64=tcp://10.0.0.2:1234");
  const { name = "" } = await builder(spec);
  mkdirSync(join(home, "instances"));
  writeFileSync(join(home, "instances", name), "{}");
  expect((await builder(spec)).name).toBe(name);
  expect(docker.calls()).toHaveLength(1);
});

test("another build may have made it meanwhile", async () => {
  const { builder } = fake([{ stderr: 'ERROR: existing instance for "multihull-1" but no append mode\n', status: 1 }]);
  expect((await builder(specOf("linux/arm64=tcp://10.0.0.2:1234"))).driver).toBe("remote");
});

test.each<[string, readonly FakeAnswer[], object]>([
  [
    "refuses an option",
    [{ stderr: "ERROR: invalid driver option color for remote driver\n", status: 1 }],
    {
      code: "node-failed",
      message: '"tcp://10.0.0.2:1234" cannot be used as a node: invalid driver option color for remote driver',
      facts: { node: "tcp://10.0.0.2:1234" },
    },
  ],
  [
    "cannot connect by ssh",
    [
      {
        stderr:
          "ERROR: failed to initialize builder: error during connect: command [ssh -T -- arm docker system dial-stdio] has exited with exit status 255, make sure the URL is valid: stderr=ssh: connect to host arm port 22: Connection refused\r\n",
        status: 1,
      },
    ],
    { code: "node-failed", message: '"tcp://10.0.0.2:1234" cannot be used as a node: ssh: connect to host arm port 22: Connection refused' },
  ],
])("a Buildx that %s", async (_, answers, problem) => {
  const { builder } = fake(answers);
  await expect(builder(specOf("linux/arm64=tcp://10.0.0.2:1234"))).rejects.toMatchObject(problem);
});

test("no docker program", async () => {
  const { docker, home } = fake([]);
  const programs = hostPrograms({ ...docker.env, PATH: home });
  await expect(nodeBuilder(specOf("linux/arm64=tcp://h:1"), { programs, folder: home, buildx: undefined })).rejects.toMatchObject({
    code: "buildx-unavailable",
  });
});
