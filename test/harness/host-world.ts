import type { FileAnswer, HostFiles, HostPrograms } from "../../src/host/ports.ts";
import type { HostPorts } from "../../src/host/read-facts.ts";
import type { FakeAnswer } from "./fake-docker.ts";

/** Files that are only told of. Keys: absolute paths. */
export function toldFiles(texts: Readonly<Record<string, string>>): HostFiles {
  return {
    read: (path): FileAnswer => (texts[path] === undefined ? { kind: "absent" } : { kind: "text", text: texts[path] }),
    list: (path) =>
      [...new Set(Object.keys(texts).flatMap((one) => (one.startsWith(`${path}/`) ? [one.slice(path.length + 1).split("/")[0] as string] : [])))].sort(),
    writable: (path) => texts[path] !== undefined,
  };
}

/** Programs that are only told of: what `fakeDocker` would say, at once. One that hangs is silent without anybody waiting. */
export function toldPrograms(answers: readonly FakeAnswer[], calls: (readonly string[])[] = []): HostPrograms {
  return {
    async run(program, args, { timeoutMs, signal }) {
      signal?.throwIfAborted();
      calls.push(args);
      const call = args.join(" ");
      const answer = answers.find(({ when }) => when === undefined || (typeof when === "string" ? when === call : when.test(call)));
      if (program !== "docker" || answer === undefined) return { kind: "missing" };
      const { stdout = "", stderr = "", status = 0, hang } = answer;
      return hang === true ? { kind: "silent", afterMs: timeoutMs, stdout, stderr } : { kind: "ended", status, stdout, stderr };
    },
  };
}

/** A machine of Linux on amd64 with these answers of `docker`, these files, and registries that do not answer. */
export function hostWorld(answers: readonly FakeAnswer[], texts: Readonly<Record<string, string>> = {}, more: Partial<HostPorts> = {}): HostPorts {
  return {
    programs: toldPrograms(answers),
    files: toldFiles(texts),
    ping: async () => ({ kind: "failed", why: "no network in a test" }),
    env: {},
    home: "/home/me",
    machine: { platform: "linux", release: "6.1.0", architecture: "amd64", userId: 1000 },
    ...more,
  };
}

const context = (name: string, endpoint: string, current: boolean): string =>
  `${JSON.stringify({ Name: name, DockerEndpoint: endpoint, Current: current, Error: "" })}\n`;

/** What Docker 28.5.2 with Buildx 0.29.1 and the classic store says when all is well. Put other answers before these. */
export const HAPPY: readonly FakeAnswer[] = [
  { when: "--version", stdout: "Docker version 28.5.2+dfsg4, build 9cc6dea\n" },
  { when: "buildx version", stdout: "github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4\n" },
  { when: /^context ls/, stdout: context("default", "unix:///var/run/docker.sock", true) + context("far", "ssh://me@far", false) },
  { when: /^info/, stdout: infoText() },
  { when: "buildx inspect default", stdout: inspectText("default", "docker", "default", "running", "linux/amd64, linux/amd64/v2, linux/arm64") },
  {
    when: "buildx inspect far",
    stdout: "Name:   far\nDriver: \nError:  Cannot connect to the Docker daemon at http://docker.example.com. Is the docker daemon running?\n",
  },
];

/** What `docker info` says, with some of it replaced. */
export function infoText(more: object = {}): string {
  const info = {
    ServerVersion: "28.5.2+dfsg4",
    OSType: "linux",
    Architecture: "x86_64",
    Driver: "overlay2",
    DriverStatus: [["Backing Filesystem", "extfs"]],
    SecurityOptions: ["name=seccomp,profile=builtin"],
    RegistryConfig: {
      Mirrors: ["https://mirror.example/"],
      InsecureRegistryCIDRs: ["127.0.0.0/8"],
      IndexConfigs: { "docker.io": { Secure: true }, "reg:5000": { Secure: false } },
    },
    ContainersRunning: 2,
    Images: 7,
    LiveRestoreEnabled: false,
    OperatingSystem: "Debian GNU/Linux 12 (bookworm)",
    Name: "box",
    DockerRootDir: "/var/lib/docker",
  };
  return `${JSON.stringify({ ...info, ...more })}\n`;
}

/** What `docker buildx inspect` says of a builder with one node. */
export function inspectText(name: string, driver: string, endpoint: string, status: string, platforms: string): string {
  return `Name:   ${name}\nDriver: ${driver}\n\nNodes:\nName:             ${name}0\nEndpoint:         ${endpoint}\nStatus:           ${status}\nBuildKit version: v0.34.2\nPlatforms:        ${platforms}\n`;
}
