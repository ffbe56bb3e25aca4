// Needs: Docker with Buildx (classic image store), docker-registry (base images); setpriv for one case
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PEERS, PEERS_RUN, peerEnvironment, REGISTRY } from "../compare/places.ts";
import { endOf, type Ran, startMultihull, temporaryFolder } from "../harness/multihull.ts";
import { treeSnapshot } from "../harness/tree-snapshot.ts";
import { peerSuite, run } from "./peer-suite.ts";

/** Every command has said what is wrong by then; one that has not is ended, and its test fails. */
const LIMIT_MS = 10_000;
const CLASSIC = `unix://${PEERS_RUN}/docker-classic.sock`;

interface Place {
  readonly folder: string;
  /** Of a TCP listener that takes connections and never answers. */
  readonly port: number;
}

interface World {
  readonly env: (place: Place) => Readonly<Record<string, string>>;
  readonly make?: (place: Place) => void;
  /** What `build --engine buildkit` is refused with; `{}` is the folder, `{port}` the port. */
  readonly code: string;
  readonly message: string;
  readonly help: RegExp;
  /** What `fix --host --with buildx --write` is refused with; absent: it is not what is wrong, and nothing is tried. */
  readonly fix?: string;
  readonly doctor: RegExp;
  /** Why `build` takes the embedded engine, where it is another sentence. */
  readonly auto?: string;
}

const builder = (driver: string, endpoint: (place: Place) => string) => (place: Place) => writeBuilder(place, { driver, endpoint: endpoint(place) });

function writeBuilder({ folder }: Place, { driver, endpoint }: { readonly driver: string; readonly endpoint: string }): void {
  const node = { Name: "team0", Endpoint: endpoint, Platforms: null, DriverOpts: null, Flags: null, Files: null };
  writeFileSync(join(folder, "config/buildx/instances/team"), JSON.stringify({ Name: "team", Driver: driver, Nodes: [node], Dynamic: false }));
}

const TEAM = { BUILDX_BUILDER: "team", DOCKER_HOST: CLASSIC };
const START = /^start it \(`sudo systemctl start docker`/;

const WORLDS: Readonly<Record<string, World>> = {
  "no docker program": {
    env: ({ folder }) => ({ PATH: join(folder, "context") }),
    code: "buildx-unavailable",
    message: 'there is no program "docker" on PATH',
    help: /^install Docker/,
    fix: 'there is no program "docker" on PATH',
    doctor: /^docker +none: there is no program "docker" on PATH$/m,
  },
  "no Buildx": {
    env: () => ({ DOCKER_HOST: CLASSIC }),
    make: ({ folder }) => void run("rm", ["-r", join(folder, "config/cli-plugins")]),
    code: "buildx-unavailable",
    message: "the Docker CLI has no Buildx",
    help: /^install the package docker-buildx-plugin/,
    fix: "the Docker CLI has no Buildx",
    doctor: /^buildx +none: the Docker CLI has no Buildx$/m,
  },
  "a daemon that is down": {
    env: ({ folder }) => ({ DOCKER_HOST: `unix://${folder}/none.sock` }),
    code: "docker-unavailable",
    message: "no Docker daemon answers at unix://{}/none.sock",
    help: START,
    fix: "no Docker daemon answers at unix://{}/none.sock",
    doctor: /fails: no Docker daemon answers at unix:.*none\.sock$/m,
  },
  "a socket that nobody listens at any more": {
    env: ({ folder }) => ({ DOCKER_HOST: `unix://${folder}/left.sock` }),
    // A bound socket whose process has gone.
    make: ({ folder }) => {
      const listen = `require("node:net").createServer().listen(${JSON.stringify(`${folder}/left.sock`)}, () => process.kill(process.pid, "SIGKILL"))`;
      spawnSync(process.execPath, ["-e", listen]);
    },
    code: "docker-unavailable",
    message: "no Docker daemon answers at unix://{}/left.sock",
    help: START,
    fix: "no Docker daemon answers at unix://{}/left.sock",
    doctor: /fails: no Docker daemon answers at unix:.*left\.sock$/m,
  },
  "a daemon that hangs": {
    env: ({ folder }) => ({ DOCKER_HOST: `unix://${folder}/mute.sock` }),
    code: "docker-unavailable",
    message: "`docker buildx inspect default` gave no answer within 5 s",
    help: /^see whether the daemon hangs/,
    fix: "`docker info` gave no answer within 4 s",
    doctor: /may fail: `docker info` gave no answer within 4 s$/m,
    auto: "`docker info` gave no answer within 3 s",
  },
  "an address that never answers": {
    env: ({ port }) => ({ DOCKER_HOST: `tcp://127.0.0.1:${port}` }),
    code: "docker-unavailable",
    message: "`docker buildx inspect default` gave no answer within 5 s",
    help: /^see whether the daemon hangs/,
    fix: "`docker info` gave no answer within 4 s",
    doctor: /may fail: `docker info` gave no answer within 4 s$/m,
    auto: "`docker info` gave no answer within 3 s",
  },
  "a host without an address": {
    env: () => ({ DOCKER_HOST: "tcp://no-such-host.invalid:2375" }),
    code: "docker-unavailable",
    message: 'the host "no-such-host.invalid" of the Docker context or DOCKER_HOST has no address',
    help: /^name the host that was meant/,
    fix: 'the host "no-such-host.invalid" of the Docker context or DOCKER_HOST has no address',
    doctor: /fails: the host "no-such-host\.invalid" of .* has no address$/m,
  },
  "a context that is not there": {
    env: () => ({ DOCKER_CONTEXT: "nowhere" }),
    code: "docker-unavailable",
    message: 'there is no Docker context "nowhere", which DOCKER_CONTEXT names',
    help: /^unset DOCKER_CONTEXT/,
    fix: 'there is no Docker context "nowhere", which DOCKER_CONTEXT names',
    doctor: /fails: there is no Docker context "nowhere", which DOCKER_CONTEXT names$/m,
  },
  "a configuration whose context is not there": {
    env: () => ({}),
    make: ({ folder }) => writeFileSync(join(folder, "config/config.json"), '{"currentContext":"nowhere"}'),
    code: "docker-unavailable",
    message: 'there is no Docker context "nowhere", which config.json names',
    help: /`docker context use default`/,
    fix: 'there is no Docker context "nowhere", which config.json names',
    doctor: /fails: there is no Docker context "nowhere", which config\.json names$/m,
  },
  "a remote node on a closed port": {
    env: () => TEAM,
    make: builder("remote", () => "tcp://127.0.0.1:9"),
    code: "builder-unusable",
    message: 'the builder "team" cannot be used: nothing answers at tcp://127.0.0.1:9',
    help: /^start BuildKit at tcp:\/\/127\.0\.0\.1:9, .*; or name another builder with --builder$/,
    doctor: /fails: builder "team" cannot build it: nothing answers at tcp:\/\/127\.0\.0\.1:9$/m,
  },
  "a remote node that never answers": {
    env: () => TEAM,
    make: builder("remote", ({ port }) => `tcp://127.0.0.1:${port}`),
    code: "builder-unusable",
    message: 'the builder "team" cannot be used: `docker buildx inspect team` gave no answer within 5 s',
    help: /^start BuildKit at tcp:\/\/127\.0\.0\.1:\d+, /,
    doctor: /fails: builder "team" cannot build it: `docker buildx inspect team` gave no answer within 4 s$/m,
    auto: 'the builder "team" cannot be used: `docker buildx inspect team` gave no answer within 3 s',
  },
  "a builder in a container of a daemon that is down": {
    env: () => TEAM,
    make: builder("docker-container", ({ folder }) => `unix://${folder}/none.sock`),
    code: "builder-unusable",
    message: 'the builder "team" cannot be used: no Docker daemon answers at unix://{}/none.sock',
    help: START,
    doctor: /help: start Docker at unix:.*none\.sock again/m,
  },
  "a builder in a container of a daemon that hangs": {
    env: () => TEAM,
    make: builder("docker-container", ({ folder }) => `unix://${folder}/mute.sock`),
    code: "builder-unusable",
    message: 'the builder "team" cannot be used: `docker buildx inspect team` gave no answer within 5 s',
    help: /^see whether the daemon hangs/,
    doctor: /fails: builder "team" cannot build it: `docker buildx inspect team` gave no answer within 4 s$/m,
    auto: 'the builder "team" cannot be used: `docker buildx inspect team` gave no answer within 3 s',
  },
  "a builder whose file is garbage": {
    env: () => TEAM,
    make: ({ folder }) => writeFileSync(join(folder, "config/buildx/instances/team"), "{not json"),
    code: "builder-unusable",
    message: 'the builder "team" cannot be used: "{}/config/buildx/instances/team" is not what Buildx writes: it is no description of a builder',
    help: /^remove that file and make the builder anew, or unset BUILDX_BUILDER$/,
    doctor: /help: remove that file/m,
  },
  "a builder that nobody made": {
    env: () => ({ DOCKER_HOST: CLASSIC, BUILDX_BUILDER: "nobody" }),
    code: "builder-unusable",
    message: 'there is no builder "nobody", which BUILDX_BUILDER names',
    help: /^unset BUILDX_BUILDER, name one that is there \(default\), or make it: docker buildx create --name nobody$/,
    doctor: /fails: there is no builder "nobody"$/m,
  },
};

async function place(): Promise<Place> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "config/buildx/instances"), { recursive: true });
  mkdirSync(join(folder, "config/cli-plugins"));
  const plugins = join(PEERS, "docker/cfg/cli-plugins");
  for (const name of readdirSync(plugins)) symlinkSync(join(plugins, name), join(folder, "config/cli-plugins", name));
  mkdirSync(join(folder, "context"));
  writeFileSync(join(folder, "context/Dockerfile"), `FROM ${REGISTRY}/base/busybox:1\nRUN echo hi > /hi\n`);
  await mute({ path: join(folder, "mute.sock") });
  return { folder, port: await mute({ port: 0, host: "127.0.0.1" }) };
}

/** Takes connections and never says a word. @returns its port, if it has one */
async function mute(at: { readonly path: string } | { readonly port: number; readonly host: string }): Promise<number> {
  const open = new Set<Socket>();
  const server = createServer((one) => {
    open.add(one);
    one.on("error", () => {});
  });
  await new Promise<void>((done) => server.listen(at, done));
  onTestFinished(() => {
    for (const one of open) one.destroy();
    server.close();
  });
  const address = server.address();
  return address !== null && typeof address === "object" ? address.port : 0;
}

let stores = 0;

async function ours({ folder }: Place, env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran & { readonly store: string }> {
  const store = join(folder, `store-${stores++}`);
  const world = peerEnvironment({
    HOME: folder,
    DOCKER_CONFIG: join(folder, "config"),
    BUILDX_CONFIG: join(folder, "config/buildx"),
    MULTIHULL_STORE: store,
    NO_COLOR: "1",
    ...env,
  });
  const child = startMultihull(args, { cwd: join(folder, "context"), env: world });
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const ran = await endOf(child);
  clearTimeout(limit);
  expect(ran.status, `${args.join(" ")} was ended\n${ran.stdout}${ran.stderr}`).not.toBe(null);
  expect(ran.stderr).not.toMatch(/^bug: |^ +at /m);
  return { ...ran, store };
}

const told = ({ status, stderr }: Ran): object => {
  const [, code, message, help] = /^error\[([\w-]+)\]: (.*)\nhelp: (.*)\n$/.exec(stderr) ?? [undefined, stderr];
  return { status, code, message, help };
};

/** What Buildx itself writes when it is asked is not ours. */
const kept = ({ folder }: Place): readonly string[] =>
  treeSnapshot(
    join(folder, "config"),
    (path) => /buildx\/(?:activity|refs|defaults|\.lock|current|\.buildNodeID)/.test(path) || path.endsWith("config/.token_seed"),
  );

async function refused(world: World): Promise<void> {
  const here = await place();
  world.make?.(here);
  const env = world.env(here);
  const filled = (text: string): string => text.replaceAll("{}", here.folder);
  const before = kept(here);
  const [doctor, named] = await Promise.all([ours(here, env, "doctor", "--host"), ours(here, env, "build", "--engine", "buildkit")]);
  expect(doctor.stdout).toMatch(world.doctor);
  expect(told(named)).toEqual({ status: 1, code: world.code, message: filled(world.message), help: expect.stringMatching(world.help) });
  const [fix, auto] = await Promise.all([
    world.fix === undefined ? undefined : ours(here, env, "fix", "--host", "--with", "buildx", "--write"),
    ours(here, env, "build"),
  ]);
  if (fix !== undefined && world.fix !== undefined) {
    expect(told(fix)).toMatchObject({ status: 1, message: filled(world.fix), help: expect.stringMatching(/\w/) });
    expect(treeSnapshot(join(fix.store, "host-changes", "records"))).toEqual([]);
  }
  expect([auto.status, auto.stderr.split("\n")[0]]).toEqual([0, `building with the embedded engine: ${filled(world.auto ?? world.message)}`]);
  expect(kept(here)).toEqual(before);
}

peerSuite("commands on a machine with", ["buildx", "docker-classic", "registry", "bases"], () => {
  test.each(Object.entries(WORLDS))("%s", async (_name, world) => await refused(world));

  test("a daemon that this user may not use", async (context) => {
    if (process.getuid?.() !== 0) context.skip("only root can be another user");
    await refused({
      env: ({ folder }) => ({ DOCKER_HOST: `unix://${folder}/mute.sock`, PATH: `${folder}/bin:${peerEnvironment().PATH}` }),
      make: ({ folder }) => {
        chmodSync(join(folder, "mute.sock"), 0o600);
        run("chown", ["-R", "65534:65534", join(folder, "config")]);
        mkdirSync(join(folder, "bin"));
        const real = run("sh", ["-c", "command -v docker"]).trim();
        writeFileSync(join(folder, "bin/docker"), `#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 --clear-groups ${real} "$@"\n`, { mode: 0o755 });
      },
      code: "docker-unavailable",
      message: "you may not use the Docker daemon at unix://{}/mute.sock",
      help: /^join the group docker \(`sudo usermod -aG docker \$USER`/,
      fix: "you may not use the Docker daemon at unix://{}/mute.sock",
      doctor: /fails: you may not use the Docker daemon at unix:/m,
    });
  });
});
