import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { program } from "../examples/operator/make-programs.mjs";
import { multihull, projectRoot, startMultihull, startRegistry, temporaryFolder } from "./harness/multihull.ts";

/** A context with a Dockerfile, and a store of its own. */
function context(dockerfile: string, files: Readonly<Record<string, string>> = {}): { folder: string; store: string } {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries({ Dockerfile: dockerfile, ...files })) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { folder, store: temporaryFolder() };
}

describe("wrong usage ends with status 2, names what is wrong, and shows no stack", () => {
  const cases: Readonly<Record<string, { args: string[]; stderr: RegExp }>> = {
    "an unknown command": { args: ["buil"], stderr: /^error\[usage\]: unknown command "buil"\nhelp: did you mean build\? multihull --help/ },
    "an unknown flag": {
      args: ["build", "--plaform", "linux/arm64"],
      stderr: /^error\[usage\]: unknown option "--plaform"\nhelp: did you mean --platform\? multihull build --help/,
    },
    "two contexts": { args: ["build", "a", "b"], stderr: /too many arguments/ },
    "a flag without its value": { args: ["build", "-t"], stderr: /argument missing/ },
    "an unknown platform": {
      args: ["build", "--platform", "linux/amd46", "."],
      stderr: /error\[platform-unknown\].*amd46[\s\S]*help: did you mean linux\/amd64\?/,
    },
    "a platform that is none": { args: ["build", "--platform", "linux/arm/v7/x", "."], stderr: /error\[platform-malformed\]/ },
    "a tag in capitals": { args: ["build", "-t", "Org/App", "."], stderr: /error\[reference-malformed\][\s\S]*help: did you mean org\/app\?/ },
    "an output of unknown type": { args: ["build", "-o", "type=ocl,dest=x", "."], stderr: /error\[output-malformed\][\s\S]*did you mean oci\?/ },
    "an unknown attribute": { args: ["build", "-o", "type=oci,dset=x", "."], stderr: /error\[output-malformed\][\s\S]*did you mean dest\?/ },
    "a push without a name": { args: ["build", "--push", "."], stderr: /error\[usage\][\s\S]*-t/ },
    "a label without a name": { args: ["build", "--label", "=x", "."], stderr: /error\[usage\]/ },
    "an annotation of unknown type": { args: ["build", "--annotation", "indx:a=b", "."], stderr: /error\[usage\][\s\S]*types are manifest, index/ },
    "a context that does not exist": { args: ["build", "/no/such/folder"], stderr: /error\[(?:context|file)-unreadable\]/ },
    "an age that is none": { args: ["prune", "--older-than", "soon"], stderr: /error\[usage\].*"soon"/ },
    "a size that is none": { args: ["prune", "--keep-storage", "much"], stderr: /error\[usage\].*"much"/ },
    "a progress mode that is none": {
      args: ["build", "--progress", "loud", "."],
      stderr: /"--progress <MODE>" argument "loud"[\s\S]*help: allowed choices are auto, tty, plain, json, quiet/,
    },
    "TLS with half of what it needs": { args: ["registry", "serve", "--tls-cert", "x"], stderr: /error\[usage\][\s\S]*--tls-key/ },
    "an address that is none": { args: ["registry", "serve", "--listen", "nowhere:99999"], stderr: /error\[usage\]/ },
  };
  for (const [name, c] of Object.entries(cases)) {
    test(name, async () => {
      const { status, stderr, stdout } = await multihull(c.args, { env: { MULTIHULL_STORE: temporaryFolder() } });
      expect(stderr).toMatch(c.stderr);
      expect(stderr).not.toMatch(/\n\s+at /);
      expect(stdout).toBe("");
      expect(status).toBe(2);
    });
  }
});

describe("what the embedded engine cannot do is said before anything is done", () => {
  const cases: Readonly<Record<string, { args: string[]; code: string; stderr: RegExp }>> = {
    provenance: { args: ["--provenance=mode=max"], code: "feature-unsupported", stderr: /--provenance=mode=max/ },
    sbom: { args: ["--sbom=true"], code: "feature-unsupported", stderr: /--sbom=true/ },
    "an attestation": { args: ["--attest", "type=sbom"], code: "feature-unsupported", stderr: /--attest type=sbom/ },
    "a cache of GitHub's": { args: ["--cache-to", "type=gha"], code: "feature-unsupported", stderr: /gha/ },
  };
  for (const [name, c] of Object.entries(cases)) {
    test(name, async () => {
      const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
      const { status, stderr } = await multihull(["build", "--engine", "embedded", "--store", store, ...c.args, folder]);
      expect(stderr).toMatch(new RegExp(`error\\[${c.code}\\]`));
      expect(stderr).toMatch(c.stderr);
      expect(stderr).toMatch(/\nhelp: /);
      expect(status).toBe(1);
    });

    test(`${name}, and no BuildKit either: both are told`, async () => {
      const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
      const { status, stderr } = await multihull(["build", "--store", store, ...c.args, folder], { env: { PATH: folder } });
      expect(stderr).toMatch(/error\[engine-unsuitable\]: no engine here can build this: .*; and BuildKit cannot be used: .*docker/);
      expect(stderr).toMatch(c.stderr);
      expect(status).toBe(1);
    });
  }

  test.each([["--builder", "x"], ["--node", "linux/arm64=tcp://127.0.0.1:9"], ["--direct-push"]])("%s is BuildKit's", async (...args) => {
    const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
    const { status, stderr } = await multihull(["build", "--engine", "embedded", "--store", store, ...args, folder]);
    expect(stderr).toMatch(/error\[usage\]: --\S+ is BuildKit's, and --engine embedded uses none/);
    expect(status).toBe(2);
  });

  test("RUN that wants what is not given, all of it with file and line", async () => {
    const { folder, store } = context(
      "FROM scratch\nCOPY Dockerfile /\nRUN --security=insecure echo one\nRUN --mount=type=secret,id=token,required echo two\n",
    );
    const { status, stderr } = await multihull(["build", "--engine", "embedded", "--store", store, "--platform", "linux/amd64,linux/arm64", folder]);
    expect(stderr).toMatch(/error\[feature-unsupported\]/);
    expect(stderr).toMatch(/Dockerfile:3/);
    expect(stderr).toMatch(/Dockerfile:4: RUN requires the secret "token"/);
    expect(status).toBe(1);
  });

  test("what asks for no attestation is taken", async () => {
    const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
    const { status, stderr } = await multihull(["build", "--store", store, "--provenance=false", "--sbom=false", folder]);
    expect(stderr).not.toMatch(/error/);
    expect(status).toBe(0);
  });
});

test("all complaints about a Dockerfile come in one go, each with its place, source line and hint", async () => {
  const { folder, store } = context("FROM scratch\nCOPPY a /\nCOPY --chwon=1 a /\nEXPOSE\n");
  const { status, stderr } = await multihull(["build", "--store", store, folder]);
  expect(stderr).toMatch(/Dockerfile:2:1: .*COPPY[\s\S]*\n2 \| COPPY a \/[\s\S]*help: did you mean COPY\?/);
  expect(stderr).toMatch(/Dockerfile:3:\d+: .*chwon[\s\S]*help: did you mean --chown\?/);
  expect(stderr).toMatch(/Dockerfile:4:\d+: /);
  expect(status).toBe(2);
});

test("a COPY source that does not exist is named with the nearest that does", async () => {
  const { folder, store } = context("FROM scratch\nCOPY manger /m\n", { manager: "x" });
  const { status, stderr } = await multihull(["build", "--store", store, folder]);
  expect(stderr).toMatch(/error\[source-missing\].*manger/);
  expect(stderr).toMatch(/help: .*manager/);
  expect(status).toBe(1);
});

test("progress goes to stderr, the document to stdout, quiet says the digest alone, and both say the same", async () => {
  const { folder, store } = context("FROM scratch\nARG TARGETARCH\nCOPY p-$TARGETARCH /p\n", { "p-amd64": "1", "p-arm64": "2" });
  const args = ["build", "--store", store, "--platform", "linux/amd64,linux/arm64"];
  const json = await multihull([...args, "--json", "--progress", "plain", folder]);
  expect(json.status).toBe(0);
  const document = JSON.parse(json.stdout);
  expect(document.version).toBe(1);
  expect(document.images.map((image: { platform: string }) => image.platform)).toEqual(["linux/amd64", "linux/arm64"]);
  expect(json.stderr).toMatch(/#\d+ \[linux\/arm64 \d\/\d\] COPY p-arm64 \/p|#\d+ .*COPY/);
  const quiet = await multihull([...args, "-q", folder]);
  expect(quiet).toEqual({ status: 0, stdout: `${document.digest}\n`, stderr: "" });
  const events = (await multihull([...args, "--progress", "json", folder])).stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ type: "engine-chosen", engine: "embedded", why: "no step runs a program" });
  expect(events[1].type).toBe("planned");
  expect(events.filter((event) => event.type === "vertex-cached").length).toBeGreaterThan(0);
});

test("a build is pushed to the embedded registry without moving a byte, and read back", async () => {
  const { folder, store } = context('FROM scratch\nARG TARGETARCH\nCOPY shared /etc/\nCOPY --chmod=755 p-$TARGETARCH /p\nENTRYPOINT ["/p"]\n', {
    shared: "both",
  });
  for (const architecture of ["amd64", "arm64"]) writeFileSync(join(folder, `p-${architecture}`), program(architecture));
  const registry = await startRegistry(store);
  try {
    const image = `${registry.host}/team/app:v1`;
    const built = await multihull(["build", "--store", store, "--platform", "linux/amd64,linux/arm64", "-t", image, "--push", "--json", folder]);
    expect(built.stderr).toMatch(/mounted/);
    expect(built.stderr).not.toMatch(/pushed/);
    expect(built.status).toBe(0);
    const { digest, verified } = JSON.parse(built.stdout);
    expect(verified).toEqual({ errors: 0, warnings: 0 });
    expect(built.stderr).toContain("verifying the image");
    // What was proven is not looked into again.
    const again = await multihull(["build", "--store", store, "--platform", "linux/amd64,linux/arm64", "-t", image, "--push", "--json", folder]);
    expect(JSON.parse(again.stdout)).toMatchObject({ digest, verified });
    expect(again.stderr).not.toContain("verifying the image");
    const report = JSON.parse((await multihull(["inspect", "--json", "--files", image])).stdout);
    expect(report.digest).toBe(digest);
    expect(report.platforms.map((p: { platform: string }) => p.platform)).toEqual(["linux/amd64", "linux/arm64"]);
    for (const platform of report.platforms) {
      expect(platform.config.Entrypoint).toEqual(["/p"]);
      expect(platform.files.map((f: { path: string }) => f.path)).toEqual(["/etc", "/etc/shared", "/p"]);
      expect(platform.layers.map((l: { shared: boolean }) => l.shared)).toEqual([true, false]);
    }
    const missing = await multihull(["inspect", "--platform", "linux/s390x", image]);
    expect(missing.stderr).toMatch(/error\[platform-missing\].*linux\/s390x[\s\S]*it has linux\/amd64, linux\/arm64/);
  } finally {
    await registry.stop();
  }
});

describe("an image with a foreign program", () => {
  const dockerfile = 'FROM scratch\nCOPY --chmod=755 p /p\nENTRYPOINT ["/p"]\n';
  const platforms = ["--platform", "linux/amd64,linux/arm64"];

  test("is not published; with --no-verify it is", async () => {
    const { folder, store } = context(dockerfile);
    writeFileSync(join(folder, "p"), program("amd64"));
    const registry = await startRegistry(store);
    try {
      const image = `${registry.host}/team/app:v1`;
      const build = ["build", "--store", store, ...platforms, "-t", image, "--push", "--json"];
      const refused = await multihull([...build, folder]);
      expect(refused.stderr).toMatch(/error\[image-unsound\][\s\S]*linux\/arm64: .*amd64.*\[start-of-other-architecture\][\s\S]*help: .*--no-verify/);
      expect(refused.stderr).not.toMatch(/linux\/amd64: .*\[start-of-other-architecture\]/);
      expect([refused.status, JSON.parse(refused.stdout).problem]).toMatchObject([1, { code: "image-unsound", facts: { errors: 1 } }]);
      expect((await multihull(["inspect", image])).stderr).toMatch(/error\[registry-not-found\]/);
      const published = await multihull([...build, "--no-verify", folder]);
      expect([published.status, JSON.parse(published.stdout).verified]).toEqual([0, undefined]);
      const verified = await multihull(["verify", "--store", store, ...platforms, image]);
      expect([verified.status, verified.stdout]).toEqual([1, expect.stringMatching(/linux\/arm64: error: .*\[start-of-other-architecture, certain\]/)]);
    } finally {
      await registry.stop();
    }
  });

  test("is written to a file, unless --verify is given", async () => {
    const { folder, store } = context(dockerfile);
    writeFileSync(join(folder, "p"), program("amd64"));
    const archive = join(temporaryFolder(), "image.tar");
    const build = ["build", "--store", store, ...platforms, "-o", `type=oci,dest=${archive}`, folder];
    expect(await multihull([...build, "--no-verify", "--verify"])).toMatchObject({ status: 2, stderr: expect.stringContaining("give one of them") });
    expect(await multihull([...build, "--verify"])).toMatchObject({ status: 1, stderr: expect.stringMatching(/error\[image-unsound\]/) });
    expect(existsSync(archive)).toBe(false);
    expect(await multihull(build)).toMatchObject({ status: 0 });
    expect(existsSync(archive)).toBe(true);
  });
});

test("the same image comes out of an archive, a layout folder and its raw bytes", async () => {
  const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
  const out = temporaryFolder();
  const args = ["build", "--store", store, "--platform", "linux/amd64,linux/arm64", "--json"];
  const { digest } = JSON.parse((await multihull([...args, "-o", `type=oci,dest=${out}/a.tar`, "-o", `type=oci,tar=false,dest=${out}/layout`, folder])).stdout);
  for (const name of [`oci-archive:${out}/a.tar`, `${out}/a.tar`, `oci:${out}/layout`, `${out}/layout`]) {
    const report = JSON.parse((await multihull(["inspect", "--json", name])).stdout);
    expect(report.digest).toBe(digest);
    expect(report.platforms).toHaveLength(2);
  }
  const raw = await multihull(["inspect", "--raw", `oci:${out}/layout`]);
  expect(JSON.parse(raw.stdout).manifests).toHaveLength(2);
});

test("a Dockerfile from standard input has an empty context; an archive from standard input brings its own", async () => {
  const store = temporaryFolder();
  const only = await multihull(["build", "--store", store, "-q", "-"], { input: "FROM scratch\nCOPY <<E /hello\nhi\nE\n" });
  expect(only.stderr).toBe("");
  expect(only.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  const missing = await multihull(["build", "--store", store, "-"], { input: "FROM scratch\nCOPY x /\n" });
  expect(missing.stderr).toMatch(/error\[source-missing\]/);
});

test("prune says what it would remove, removes it, and leaves what a tag of the registry names", async () => {
  const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
  expect((await multihull(["build", "--store", store, "-t", "kept:1", folder])).status).toBe(0);
  expect(
    (await multihull(["build", "--store", store, "--no-cache", "-f", "-", folder], { input: "FROM scratch\nLABEL a=b\nCOPY Dockerfile /other\n" })).status,
  ).toBe(0);
  const would = JSON.parse((await multihull(["prune", "--store", store, "--dry-run", "--json"])).stdout);
  expect(would.removed.length).toBeGreaterThan(0);
  const did = JSON.parse((await multihull(["prune", "--store", store, "--json"])).stdout);
  expect(did.removed).toEqual(would.removed);
  expect(did.kept.blobs).toBe(3);
  const all = JSON.parse((await multihull(["prune", "--store", store, "--all", "--json"])).stdout);
  expect(all.kept.blobs).toBe(0);
});

test("files beside a build say what it was, and -q says the image ID as Docker does", async () => {
  const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
  const out = temporaryFolder();
  const args = ["--store", store, "-q", "-t", "app:v1", "--metadata-file", `${out}/metadata.json`, "--iidfile", `${out}/iid`];
  const id = async (platforms: string): Promise<readonly [string, Record<string, unknown>]> => {
    const { stdout } = await multihull(["build", ...args, "--platform", platforms, folder]);
    expect(readFileSync(`${out}/iid`, "utf8")).toBe(stdout.trim());
    return [stdout.trim(), JSON.parse(readFileSync(`${out}/metadata.json`, "utf8"))];
  };
  const [one, ofOne] = await id("linux/arm64");
  expect(one).toBe(ofOne["containerimage.config.digest"]);
  expect(ofOne).toMatchObject({ "containerimage.descriptor": { platform: { os: "linux", architecture: "arm64" } }, "image.name": "docker.io/library/app:v1" });
  const [two, ofTwo] = await id("linux/amd64,linux/arm64");
  expect(two).toBe(ofTwo["containerimage.digest"]);
});

test("an archive on stdout is nothing but the archive, whatever else is to be told", async () => {
  const { folder, store } = context("FROM scratch\nCOPY Dockerfile /\n");
  const out = temporaryFolder();
  await multihull(["build", "--store", store, "-q", "-o", `type=oci,dest=${out}/a.tar`, folder]);
  const wanted = readFileSync(`${out}/a.tar`, "latin1");
  for (const flags of [["-q"], ["--json"], []]) {
    const { stdout, stderr } = await multihull(["build", "--store", store, ...flags, "-o", "type=oci,dest=-", folder], { encoding: "latin1" });
    expect(stdout === wanted).toBe(true);
    if (flags[0] === "--json") expect(stderr).toContain('"dest": "-"');
  }
});

test("with --json a failure is a document too", async () => {
  const { status, stdout, stderr } = await multihull(["inspect", "--json", "Org/App"]);
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, problem: { code: "reference-malformed", hint: "did you mean org/app?" } });
  expect(stderr).toMatch(/^error\[reference-malformed\]/);
  expect(status).toBe(2);
});

describe("a signal ends the run at once, with status 130, while it waits for", () => {
  const cases: Readonly<Record<string, (host: string, folder: string) => string[]>> = {
    "a manifest to inspect": (host) => ["inspect", `${host}/a:1`],
    "a base image to plan upon": (host, folder) => ["plan", "--build-context", `base=docker-image://${host}/a:1`, folder],
    "a base image to build upon": (host, folder) => ["build", "--build-context", `base=docker-image://${host}/a:1`, folder],
    "a push": (host, folder) => ["build", "--build-context", "base=docker-image://scratch", "--push", "-t", `${host}/a:1`, folder],
    "a context": (host) => ["build", `http://${host}/context.tar`],
    "a git repository": (host) => ["build", `http://${host}/repository.git`],
    "standard input": () => ["build", "-"],
  };
  for (const [name, args] of Object.entries(cases)) {
    test(name, async () => {
      const { folder, store } = context("FROM base\nCOPY Dockerfile /\n");
      const sockets: Socket[] = [];
      const server = createServer((socket) => void sockets.push(socket)).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      const child = startMultihull(args(`127.0.0.1:${port}`, folder), { env: { MULTIHULL_STORE: store } });
      let stderr = "";
      child.stderr?.on("data", (chunk) => {
        stderr += chunk;
      });
      const exit = once(child, "exit");
      // Its work folder is made right before standard input is read.
      if (name === "standard input") await expect.poll(() => existsSync(join(store, "work")), { interval: 10, timeout: 5000 }).toBe(true);
      else await once(server, "connection");
      child.kill("SIGINT");
      expect(await exit).toEqual([130, null]);
      expect(stderr).toMatch(/error\[interrupted\]: stopped by SIGINT\n$/);
      for (const left of ["ingest", "leases", "work"]) expect(existsSync(join(store, left)) ? readdirSync(join(store, left)) : []).toEqual([]);
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  }
});

test("a second signal does not wait for anything", async () => {
  // The registry lets running requests end for a moment.
  const registry = await startRegistry(temporaryFolder());
  const [host, port] = registry.host.split(":") as [string, string];
  const upload = connect(Number(port), host);
  await once(upload, "connect");
  upload.write("PUT /v2/a/manifests/b HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n");
  await once(upload, "data");
  const exit = once(registry.child, "exit");
  registry.child.kill("SIGINT");
  upload.on("error", () => {});
  await expect.poll(() => connects(Number(port), host), { interval: 10, timeout: 5000 }).toBe(false);
  registry.child.kill("SIGINT");
  expect(await exit).toEqual([null, "SIGINT"]);
});

const connects = async (port: number, host: string): Promise<boolean> => {
  const socket = connect(port, host);
  const connected = await Promise.race([once(socket, "connect").then(() => true), once(socket, "error").then(() => false)]).catch(() => false);
  socket.destroy();
  return connected;
};

describe("odd surroundings", () => {
  const shell = (script: string, env: Readonly<Record<string, string>> = {}, cwd = projectRoot): { status: number; output: string } => {
    const command = `set -o pipefail; multihull() { '${process.execPath}' '${projectRoot}/bin/multihull' "$@"; }; exec 2>&1; ${script}`;
    try {
      const { PATH = "", TMPDIR = "/tmp" } = process.env;
      return {
        status: 0,
        output: execFileSync("bash", ["-c", command], { cwd, encoding: "utf8", stdio: "pipe", env: { PATH, TMPDIR, DOCKER_CONFIG: "/nonexistent", ...env } }),
      };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { status, output: stdout };
    }
  };

  test("a reader that has seen enough is no failure", () => {
    expect(shell("multihull plan --json examples/operator -f examples/operator/Dockerfile.buildx | head -1", { MULTIHULL_STORE: temporaryFolder() })).toEqual({
      status: 0,
      output: "{\n",
    });
  });
  test.skipIf(!existsSync("/dev/full"))("a full disk under stdout is one", () => {
    const { status, output } = shell("multihull plan --json -f examples/operator/Dockerfile.buildx examples/operator >/dev/full", {
      MULTIHULL_STORE: temporaryFolder(),
    });
    expect(output).toMatch(/^error\[disk-full\]: stdout cannot be written/);
    expect(output).not.toMatch(/\n\s+at /);
    expect(status).toBe(1);
  });
  test("variables that are empty, or meant for Docker, change nothing; an empty HOME does not put the store here", () => {
    const { folder } = context("FROM scratch\nLABEL a=b\n");
    const home = temporaryFolder();
    const env = { HOME: home, MULTIHULL_STORE: "", BUILDKIT_PROGRESS: "rawjson", XDG_CACHE_HOME: "relative" };
    expect(shell("multihull build -q .", env, folder)).toEqual({ status: 0, output: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) });
    expect(existsSync(join(home, ".cache/multihull/blobs"))).toBe(true);
    expect(shell("multihull plan --json .", { HOME: "", MULTIHULL_STORE: temporaryFolder() }, folder).status).toBe(0);
    expect(readdirSync(folder)).toEqual(["Dockerfile"]);
  });
  test("a folder that is gone is said to be", () => {
    const gone = join(temporaryFolder(), "gone");
    mkdirSync(gone);
    const { status, output } = shell(`rmdir '${gone}'; multihull build .`, {}, gone);
    expect(output).toMatch(/^error\[file-unreadable\]: the folder you stand in is gone\nhelp: /);
    expect(status).toBe(2);
    rmSync(gone, { recursive: true, force: true });
  });
  test("what is no Dockerfile at all is told briefly, and cannot move the cursor", async () => {
    const store = temporaryFolder();
    const page = await multihull(["build", "--store", store, "-"], { input: `<html>\u001b[2J${"x".repeat(5000)}\n${"<p>\n".repeat(500)}` });
    expect(page.stderr).not.toContain("\u001b");
    expect(page.stderr).toMatch(/and \d+ more\n$/);
    expect(Math.max(...page.stderr.split("\n").map((line) => line.length))).toBeLessThan(600);
    const bytes = await multihull(["build", "--store", store, "-"], { input: Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1) });
    expect(bytes.stderr).toMatch(/^error\[dockerfile-syntax\]: "-" is no text/);
    expect([page.status, bytes.status]).toEqual([2, 2]);
  });
});
