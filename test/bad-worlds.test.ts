import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type FakeAnswer, fakeDocker } from "./harness/fake-docker.ts";
import { HAPPY, inspectText } from "./harness/host-world.ts";
import { endOf, type Ran, type RunOptions, startMultihull, temporaryFolder } from "./harness/multihull.ts";
import { someOf } from "./harness/some-of.ts";
import { treeSnapshot } from "./harness/tree-snapshot.ts";

/** Every command has said what is wrong by then; one that has not is ended, and its test fails. */
const LIMIT_MS = 10_000;
/** A user who owns nothing. */
const NOBODY = 65_534;

/** Code, what is wrong, the act that helps. */
type Refusal = readonly [code: string, message: string | RegExp, help: string | RegExp];

interface World {
  /** Before those of a machine on which all is well. */
  readonly answers?: readonly FakeAnswer[];
  /** No program `docker` at all. */
  readonly without?: true;
  /** Below the folder that `{}` in variables and texts stands for. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What `doctor --host` shows. */
  readonly doctor: readonly RegExp[];
  readonly containerd?: Refusal;
  readonly buildx?: Refusal;
  readonly buildkit: Refusal;
  /** With `--builder NAME`. */
  readonly named: readonly [name: string, ...Refusal];
  /** Why `build` and `plan` take the embedded engine. */
  readonly auto: string | RegExp;
}

const INSTALL = /^install Docker .*, or build with the embedded engine \(--engine embedded\)/;
const START = /^start it \(`sudo systemctl start docker` for Docker Engine, or the Docker Desktop application\), or build with the embedded engine/;
const HANGS = /^see whether the daemon hangs \(`systemctl status docker`\)/;
const REMOTE = { Name: "team", Driver: "remote", Nodes: [{ Name: "team0", Endpoint: "tcp://127.0.0.1:9", Platforms: null }] };
const CONTAINER = { Name: "team", Driver: "docker-container", Nodes: [{ Name: "team0", Endpoint: "unix://{}/none.sock", Platforms: null }] };
const builderFile = (content: object | string): Readonly<Record<string, string>> => ({
  "config/buildx/instances/team": typeof content === "string" ? content : JSON.stringify(content),
});
const nodeText = (driver: string, endpoint: string, state: string): string =>
  `Name:   team\nDriver: ${driver}\n\nNodes:\nName:     team0\nEndpoint: ${endpoint}\n${state}\n`;
const lost = (said: string): readonly FakeAnswer[] => [
  { when: /^info/, stdout: "{}", stderr: `${said}\n`, status: 1 },
  { when: "buildx inspect default", stdout: `Name:   default\nDriver: \nError:  ${said}\n` },
  nobody,
];
const nobody: FakeAnswer = { when: /^buildx inspect (?:mine|nobody|nowhere)$/, stderr: 'ERROR: no builder "it" found\n', status: 1 };
const noMine: Refusal = ["builder-unusable", 'there is no builder "mine"', "name one that is there (default), or make it: docker buildx create --name mine"];
const nowhere = (by: string, help: string, setting: Pick<World, "env" | "files">): World => {
  const why = `there is no Docker context "nowhere", which ${by} names`;
  const refusal: Refusal = ["docker-unavailable", why, help];
  return {
    ...setting,
    answers: [
      {
        when: /^info/,
        stderr: 'Failed to initialize: unable to resolve docker endpoint: context "nowhere": context not found: open meta.json: no such file or directory\n',
        status: 1,
      },
      nobody,
    ],
    doctor: [new RegExp(`^endpoint +none: ${why}$`, "m"), new RegExp(`^  fails: ${why}$`, "m")],
    containerd: refusal,
    buildx: refusal,
    buildkit: refusal,
    named: ["mine", "builder-unusable", 'there is no builder "mine"', "name one that is there, or make it: docker buildx create --name mine"],
    auto: why,
  };
};

const WORLDS: Readonly<Record<string, World>> = {
  "no docker program": {
    without: true,
    doctor: [/^docker +none: there is no program "docker" on PATH$/m, /^ {2}fails: there is no program "docker" on PATH$/m],
    containerd: ["docker-unavailable", 'there is no program "docker" on PATH', INSTALL],
    buildx: ["buildx-unavailable", 'there is no program "docker" on PATH', INSTALL],
    buildkit: ["buildx-unavailable", 'there is no program "docker" on PATH', INSTALL],
    named: ["mine", "buildx-unavailable", 'there is no program "docker" on PATH', INSTALL],
    auto: 'there is no program "docker" on PATH',
  },
  "a docker program that is Podman's": {
    env: { DOCKER_HOST: "unix://{}/docker.sock" },
    files: { "docker.sock": "" },
    answers: [
      { when: "--version", stdout: "podman version 4.3.1\n" },
      { when: /^context/, stdout: "[]\n" },
      { when: /^info/, stdout: '{"host": {"arch": "amd64", "buildahVersion": "1.28.2"}}\n' },
      { stderr: "Error: unrecognized command `podman buildx version`\nTry 'podman buildx --help' for more information\n", status: 125 },
    ],
    doctor: [/^docker +unusable: the program "docker" is Podman's, which has no Buildx$/m, /may fail: the program "docker" is Podman's/],
    containerd: ["docker-unavailable", `the program "docker" is Podman's, which has no Buildx`, /^install Docker's own command line, or build with/],
    buildx: ["buildx-unavailable", `the program "docker" is Podman's, which has no Buildx`, /^install Docker's own command line, or build with/],
    buildkit: ["buildx-unavailable", `the program "docker" is Podman's, which has no Buildx`, /^install Docker's own command line, or build with/],
    named: ["mine", "buildx-unavailable", `the program "docker" is Podman's, which has no Buildx`, /^install Docker's own command line, or build with/],
    auto: `the program "docker" is Podman's, which has no Buildx`,
  },
  "a docker program without Buildx": {
    env: { DOCKER_HOST: "unix://{}/docker.sock" },
    files: { "docker.sock": "" },
    answers: [{ when: /^buildx/, stderr: "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information\n", status: 1 }],
    doctor: [/^buildx +none: the Docker CLI has no Buildx$/m, /^ {2}fails: the Docker CLI has no Buildx$/m, /^ {4}\| unknown flag: --platform$/m],
    buildx: ["buildx-unavailable", "the Docker CLI has no Buildx", /^install the package docker-buildx-plugin/],
    buildkit: ["buildx-unavailable", "the Docker CLI has no Buildx", /^install the package docker-buildx-plugin/],
    named: ["mine", "buildx-unavailable", "the Docker CLI has no Buildx", /^install the package docker-buildx-plugin/],
    auto: "the Docker CLI has no Buildx",
  },
  "a daemon that is down": {
    env: { DOCKER_HOST: "unix://{}/none.sock" },
    answers: lost("Cannot connect to the Docker daemon at unix://{}/none.sock. Is the docker daemon running?"),
    doctor: [/^daemon +none: no Docker daemon answers at unix:\/\/.*none\.sock$/m, /^ {2}fails: no Docker daemon answers at/m],
    containerd: ["docker-unavailable", "no Docker daemon answers at unix://{}/none.sock", START],
    buildx: ["docker-unavailable", "no Docker daemon answers at unix://{}/none.sock", START],
    buildkit: ["docker-unavailable", "no Docker daemon answers at unix://{}/none.sock", START],
    named: ["mine", ...noMine],
    auto: "no Docker daemon answers at unix://{}/none.sock",
  },
  "a daemon that hangs": {
    env: { DOCKER_HOST: "unix://{}/hangs.sock" },
    files: { "hangs.sock": "" },
    answers: [{ when: /^info/, hang: true }, { when: "buildx inspect default", hang: true }, nobody],
    doctor: [/^daemon +no answer: `docker info` gave no answer within 4 s$/m, /^ {2}may fail: `docker info` gave no answer within 4 s$/m],
    containerd: ["docker-unavailable", "`docker info` gave no answer within 4 s", HANGS],
    buildx: ["docker-unavailable", "`docker info` gave no answer within 4 s", HANGS],
    buildkit: ["docker-unavailable", "`docker buildx inspect default` gave no answer within 5 s", HANGS],
    named: ["mine", ...noMine],
    auto: "`docker info` gave no answer within 3 s",
  },
  "a daemon that one may not use": {
    env: { DOCKER_HOST: "unix://{}/closed.sock" },
    files: { "closed.sock": "" },
    answers: lost(
      'permission denied while trying to connect to the Docker daemon socket at unix://{}/closed.sock: Head "http://x/_ping": dial unix {}/closed.sock: connect: permission denied',
    ),
    doctor: [/^daemon +not allowed: you may not use the Docker daemon at unix:/m, /^ {2}fails: you may not use the Docker daemon at unix:/m],
    containerd: ["docker-unavailable", "you may not use the Docker daemon at unix://{}/closed.sock", /^join the group docker/],
    buildx: ["docker-unavailable", "you may not use the Docker daemon at unix://{}/closed.sock", /^join the group docker/],
    buildkit: ["docker-unavailable", "you may not use the Docker daemon at unix://{}/closed.sock", /^join the group docker/],
    named: ["mine", ...noMine],
    auto: "you may not use the Docker daemon at unix://{}/closed.sock",
  },
  "DOCKER_CONTEXT that names nothing": nowhere("DOCKER_CONTEXT", "unset DOCKER_CONTEXT, or name one that `docker context ls` shows", {
    env: { DOCKER_CONTEXT: "nowhere" },
  }),
  "config.json that names no context": nowhere("config.json", "choose one that is there: `docker context use default`", {
    files: { "config/config.json": '{"currentContext":"nowhere"}' },
  }),
  "DOCKER_HOST without an address": {
    env: { DOCKER_HOST: "tcp://no-such-host.invalid:2375" },
    answers: lost('error during connect: Head "http://no-such-host.invalid:2375/_ping": dial tcp: lookup no-such-host.invalid on 127.0.0.1:53: no such host'),
    doctor: [/^daemon +none: the host "no-such-host\.invalid" of the Docker context or DOCKER_HOST has no address$/m],
    containerd: ["docker-unavailable", /^the host "no-such-host\.invalid" .* has no address$/, /^name the host that was meant in DOCKER_HOST/],
    buildx: ["docker-unavailable", /^the host "no-such-host\.invalid" .* has no address$/, /^name the host that was meant in DOCKER_HOST/],
    buildkit: ["docker-unavailable", /^the host "no-such-host\.invalid" .* has no address$/, /^name the host that was meant in DOCKER_HOST/],
    named: ["mine", ...noMine],
    auto: 'the host "no-such-host.invalid" of the Docker context or DOCKER_HOST has no address',
  },
  "a builder whose node is dead": {
    env: { BUILDX_BUILDER: "team" },
    files: builderFile(REMOTE),
    answers: [{ when: "buildx inspect team", stdout: nodeText("remote", "tcp://127.0.0.1:9", "Status:   inactive") }],
    doctor: [
      /^builders +team \(chosen\): remote, unreachable: nothing answers at tcp:\/\/127\.0\.0\.1:9$/m,
      /fails: builder "team" cannot build it: nothing answers at/,
    ],
    buildkit: ["builder-unusable", 'the builder "team" cannot be used: nothing answers at tcp://127.0.0.1:9', /^start BuildKit at tcp:\/\/127\.0\.0\.1:9/],
    named: ["team", "builder-unusable", 'the builder "team" cannot be used: nothing answers at tcp://127.0.0.1:9', /or name another builder with --builder$/],
    auto: 'the builder "team" cannot be used: nothing answers at tcp://127.0.0.1:9',
  },
  "a builder whose node hangs": {
    env: { BUILDX_BUILDER: "team" },
    files: builderFile(REMOTE),
    answers: [{ when: "buildx inspect team", hang: true }],
    doctor: [/^builders +team \(chosen\): remote, unreachable: `docker buildx inspect team` gave no answer within 4 s$/m],
    buildkit: [
      "builder-unusable",
      'the builder "team" cannot be used: `docker buildx inspect team` gave no answer within 5 s',
      /^start BuildKit at tcp:\/\/127\.0\.0\.1:9/,
    ],
    named: ["team", "builder-unusable", 'the builder "team" cannot be used: `docker buildx inspect team` gave no answer within 5 s', /^start BuildKit at/],
    auto: 'the builder "team" cannot be used: `docker buildx inspect team` gave no answer within 3 s',
  },
  "a builder in a container whose daemon is down": {
    env: { BUILDX_BUILDER: "team" },
    files: builderFile(CONTAINER),
    answers: [
      {
        when: "buildx inspect team",
        stdout: nodeText(
          "docker-container",
          "unix://{}/none.sock",
          "Error:    Cannot connect to the Docker daemon at unix://{}/none.sock. Is the docker daemon running?",
        ),
      },
    ],
    doctor: [/^builders +team \(chosen\): docker-container, unreachable: Cannot connect to the Docker daemon/m, /^ {2}help: start Docker at unix:/m],
    buildkit: ["builder-unusable", 'the builder "team" cannot be used: no Docker daemon answers at unix://{}/none.sock', START],
    named: ["team", "builder-unusable", 'the builder "team" cannot be used: no Docker daemon answers at unix://{}/none.sock', START],
    auto: 'the builder "team" cannot be used: no Docker daemon answers at unix://{}/none.sock',
  },
  "a builder whose file is garbage": {
    env: { BUILDX_BUILDER: "team" },
    files: builderFile("{not json"),
    answers: [{ when: "buildx inspect team", stderr: "ERROR: invalid character 'n' looking for beginning of object key string\n", status: 1 }],
    doctor: [
      /^ {2}fails: builder "team" cannot be used: ".*\/instances\/team" is not what Buildx writes: it is no description of a builder$/m,
      /^ {2}help: remove that file/m,
    ],
    buildkit: [
      "builder-unusable",
      'the builder "team" cannot be used: "{}/config/buildx/instances/team" is not what Buildx writes: it is no description of a builder',
      "remove that file and make the builder anew, or unset BUILDX_BUILDER",
    ],
    named: ["team", "builder-unusable", /is not what Buildx writes/, "remove that file and make the builder anew, or name another with --builder"],
    auto: /^the builder "team" cannot be used: ".*" is not what Buildx writes/,
  },
  "BUILDX_BUILDER that names nobody": {
    env: { BUILDX_BUILDER: "nobody" },
    answers: [nobody],
    doctor: [/^ {2}fails: there is no builder "nobody"$/m, /^ {2}help: unset BUILDX_BUILDER$/m],
    buildkit: [
      "builder-unusable",
      'there is no builder "nobody", which BUILDX_BUILDER names',
      "unset BUILDX_BUILDER, name one that is there (default), or make it: docker buildx create --name nobody",
    ],
    named: ["mine", ...noMine],
    auto: 'there is no builder "nobody", which BUILDX_BUILDER names',
  },
};

/** Files of a world, a fake Docker in it, and commands that are run there. */
function machine({ answers = [], without, files = {}, env = {} }: Omit<World, "doctor" | "buildkit" | "named" | "auto">) {
  const folder = temporaryFolder();
  // Other users are to come in.
  chmodSync(folder, 0o755);
  const filled = (text: string): string => text.replaceAll("{}", folder);
  const docker = fakeDocker(
    [...answers, ...HAPPY].map(({ stdout, stderr, ...rest }) => ({
      ...rest,
      ...(stdout === undefined ? {} : { stdout: filled(stdout) }),
      ...(stderr === undefined ? {} : { stderr: filled(stderr) }),
    })),
  );
  onTestFinished(() => docker.remove());
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), filled(text));
  }
  mkdirSync(join(folder, "context"));
  writeFileSync(join(folder, "context/a"), "a");
  writeFileSync(join(folder, "context/Dockerfile"), "FROM scratch\nCOPY a /\n");
  writeFileSync(join(folder, "context/Dockerfile.run"), 'FROM scratch\nCOPY a /\nRUN ["/a"]\n');
  writeFileSync(join(folder, "daemon.json"), '{\n  "debug": true\n}\n', { mode: 0o640 });
  const variables: Record<string, string> = {
    ...docker.env,
    PATH: without === true ? join(folder, "context") : docker.folder,
    HOME: folder,
    DOCKER_CONFIG: join(folder, "config"),
    BUILDX_CONFIG: join(folder, "config/buildx"),
  };
  for (const [name, value] of Object.entries(env)) variables[name] = filled(value);
  let runs = 0;
  return {
    folder,
    filled,
    docker,
    changed: () => treeSnapshot(folder, (path) => path.startsWith(join(folder, "store-"))),
    run: (...args: readonly string[]) => runAs({}, ...args),
    runAs,
  };

  /** @param who  another user, for root */
  async function runAs(who: Pick<RunOptions, "uid" | "gid">, ...args: readonly string[]): Promise<Ran & { readonly store: string }> {
    const store = join(folder, `store-${runs++}`);
    if (who.uid !== undefined && who.gid !== undefined) {
      mkdirSync(store);
      chownSync(store, who.uid, who.gid);
      chownSync(docker.folder, who.uid, who.gid);
    }
    const child = startMultihull(args, { cwd: join(folder, "context"), env: { ...variables, MULTIHULL_STORE: store }, ...who });
    const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    const ran = await endOf(child);
    clearTimeout(limit);
    expect(ran.status, `${args.join(" ")} was ended\n${ran.stderr}`).not.toBe(null);
    expect(ran.stderr).not.toMatch(/^bug: |^ +at /m);
    return { ...ran, store };
  }
}

type Machine = ReturnType<typeof machine>;

function expectRefused({ status, stdout, stderr }: Ran, [code, message, help]: Refusal, filled: Machine["filled"]): void {
  expect(stdout).toBe("");
  const [, gotCode, gotMessage, gotHelp] = /^error\[([\w-]+)\]: (.*)\nhelp: (.*)\n$/.exec(stderr) ?? [undefined, stderr];
  const fits = (wanted: string | RegExp): unknown => (typeof wanted === "string" ? filled(wanted) : expect.stringMatching(wanted));
  expect({ status, code: gotCode, message: gotMessage, help: gotHelp }).toEqual({ status: 1, code, message: fits(message), help: fits(help) });
}

/** Each takes eight commands: `npm test` tries every third, `.ci/run` all. */
const TRIED = someOf(Object.entries(WORLDS), 3);

describe("a machine with", () => {
  test.each(TRIED)("%s", async (_name, world) => {
    const here = machine(world);
    const before = here.changed();
    const fix = (way: string, ...more: readonly string[]) => here.run("fix", "--host", "--with", way, "--write", ...more);
    const [name, ...named] = world.named;
    const [doctor, containerd, buildx, buildkit, builder, plan, auto] = await Promise.all([
      here.run("doctor", "--host"),
      world.containerd && fix("containerd", "--daemon-config", join(here.folder, "daemon.json")),
      world.buildx && fix("buildx"),
      here.run("build", "--engine", "buildkit"),
      here.run("build", "--builder", name),
      here.run("plan", "-f", "Dockerfile.run", "--json"),
      here.run("build", "-f", "Dockerfile.run"),
    ]);
    for (const line of world.doctor) expect(doctor.stdout).toMatch(line);
    if (world.containerd !== undefined && containerd !== undefined) expectRefused(containerd, world.containerd, here.filled);
    if (world.buildx !== undefined && buildx !== undefined) expectRefused(buildx, world.buildx, here.filled);
    for (const ran of [containerd, buildx]) expect(ran === undefined ? [] : treeSnapshot(join(ran.store, "host-changes", "records"))).toEqual([]);
    expectRefused(buildkit, world.buildkit, here.filled);
    expectRefused(builder, named, here.filled);
    const why = typeof world.auto === "string" ? here.filled(world.auto) : expect.stringMatching(world.auto);
    const { engines } = JSON.parse(plan.stdout) as { readonly engines: readonly object[] };
    expect(engines).toMatchObject([{ engine: "embedded" }, { engine: "buildkit", chosen: false, able: false, why }]);
    // Where no program can be run at all, that is what is told.
    if (!/^error\[(?:sandbox-unavailable|engine-unsuitable)\]/.test(auto.stderr))
      expect(/^building with the embedded engine: (.*)$/m.exec(auto.stderr)?.[1]).toEqual(why);
    expect(here.changed()).toEqual(before);
  });

  test.each(TRIED)("%s: files alone are put together without a question", async (_name, world) => {
    const here = machine(world);
    const { status, stderr } = await here.run("build");
    expect([status, stderr.split("\n")[0]]).toEqual([0, "building with the embedded engine: no step runs a program"]);
    expect(here.docker.calls()).toEqual([]);
  });
});

describe("a Buildx that is too old", () => {
  const old = (version: string, driver = "docker-container") =>
    machine({
      env: { BUILDX_BUILDER: "team", DOCKER_HOST: "unix://{}/docker.sock" },
      files: { "docker.sock": "", ...builderFile({ ...CONTAINER, Driver: driver, Nodes: [{ Name: "team0", Endpoint: "default" }] }) },
      answers: [
        { when: "buildx version", stdout: `github.com/docker/buildx v${version} abc\n` },
        { when: "buildx inspect team", stdout: inspectText("team", driver, "default", "running", "linux/amd64, linux/arm64") },
      ],
    });
  test.each<[flag: string, version: string, args: readonly string[], what: string, since: string, enough: string]>([
    ["--annotation", "0.11.2", ["--annotation", "a=b"], "no flag --annotation", "0.12.0", "0.12.0"],
    ["--attest", "0.9.1", ["--attest", "type=sbom"], "no flag --attest", "0.10.0", "0.12.0"],
    ["--no-cache-filter", "0.7.1", ["--no-cache-filter", "x"], "no flag --no-cache-filter", "0.8.0", "0.12.0"],
    ["rawjson", "0.8.2", [], "no --progress rawjson, which multihull reads", "0.12.0", "0.12.0"],
  ])("for %s is told the version that has it", async (_flag, version, args, what, since, enough) => {
    const here = old(version);
    const ran = await here.run("build", "--engine", "buildkit", ...args);
    const lines = ran.stderr.split("\n").filter((line) => !line.startsWith("building with"));
    expect(ran.status).toBe(1);
    expect(lines).toEqual([
      `error[buildx-unavailable]: Buildx ${version} has ${what}: that came with Buildx ${since}`,
      `help: update Buildx to ${enough} or newer (the package docker-buildx-plugin, or Docker Desktop), or build with --engine embedded`,
      "",
    ]);
    expect(here.docker.calls().filter(([, verb]) => verb === "build")).toEqual([]);
  });
});

describe("a daemon.json that", () => {
  interface Config {
    /** Makes what stands at the path. */
    readonly make: (path: string) => void;
    readonly message: string | RegExp;
    readonly help: string | RegExp;
    /** For who is not root, and has a right to the folder. */
    readonly asNobody?: true;
  }
  const text = (content: string) => (path: string) => writeFileSync(path, content, { mode: 0o640 });
  const mend = (what: string): string => `${what}, then run this again; nothing was changed`;
  const CONFIGS: Readonly<Record<string, Config>> = {
    "has a comment": {
      make: text('{\n  // mine\n  "debug": true\n}\n'),
      message: "it has a comment, which Docker refuses at line 2, column 3",
      help: mend("remove it: JSON has no comments"),
    },
    "is no JSON": { make: text('{"debug" true}'), message: "it is not JSON at line 1, column 10", help: mend("mend it") },
    "has a comma too many": { make: text('{"debug": true,}'), message: /comma.* at line 1, column 15$/, help: mend("remove the comma") },
    "has features that are a list": {
      make: text('{"features": []}'),
      message: 'its "features" is no object at line 1, column 14',
      help: mend('make it an object: "features": {}'),
    },
    "has one key twice": { make: text('{"debug": true,\n"debug": false}'), message: /"debug" twice.* at line 2, column 1$/, help: /; nothing was changed$/ },
    "has 10 MB": { make: text(`{"x": "${"a".repeat(10 * 1024 * 1024)}"}`), message: /more than \d+ bytes/, help: /; nothing was changed$/ },
    "is read-only": {
      make: (path) => writeFileSync(path, "{}", { mode: 0o444 }),
      message: "it is read-only",
      help: /^make it writable: chmod u\+w ".*daemon\.json"; nothing was changed$/,
    },
    "is a link": {
      make: (path) => {
        writeFileSync(`${path}.real`, "{}");
        symlinkSync(`${path}.real`, path);
      },
      message: /^it is a link to ".*daemon\.json\.real"$/,
      help: /^add --daemon-config ".*daemon\.json\.real"/,
    },
    "is a folder": { make: (path) => mkdirSync(path), message: "it is no regular file", help: /^put a regular file in its place, or name another/ },
    "nobody may read": {
      make: (path) => writeFileSync(path, "{}", { mode: 0 }),
      message: /right to read it/,
      help: "run it with sudo; nothing was changed",
      asNobody: true,
    },
    "is in a folder that one may not write to": {
      make: (path) => {
        writeFileSync(path, "{}", { mode: 0o644 });
        chmodSync(join(path, ".."), 0o555);
      },
      message: "you have no right to replace it, or its file system is read-only",
      help: /^run it with sudo/,
      asNobody: true,
    },
  };
  test.each(Object.entries(CONFIGS))("%s is left as it is", async (_name, { make, message, help, asNobody }) => {
    const here = machine({});
    const folder = join(here.folder, "etc");
    mkdirSync(folder);
    const path = join(folder, "daemon.json");
    make(path);
    onTestFinished(() => chmodSync(folder, 0o755));
    const before = here.changed();
    const as = asNobody === true && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    const ran = await here.runAs(as, "fix", "--host", "--with", "containerd", "--write", "--daemon-config", path);
    const [, what] = /^error\[daemon-config-invalid\]: "[^"]*" cannot be changed: (.*)$/m.exec(ran.stderr) ?? [undefined, ran.stderr];
    const [, act] = /^help: (.*)$/m.exec(ran.stderr) ?? [];
    const fits = (wanted: string | RegExp): unknown => (typeof wanted === "string" ? wanted : expect.stringMatching(wanted));
    expect({ status: ran.status, what, act }).toEqual({ status: 1, what: fits(message), act: fits(help) });
    expect(ran.stdout).toBe("");
    expect(here.changed()).toEqual(before);
    expect(treeSnapshot(join(ran.store, "host-changes", "records"))).toEqual([]);
  });
});
