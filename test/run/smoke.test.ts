import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verify } from "../../src/api/verify.ts";
import { ProblemError } from "../../src/core/problem.ts";
import type { SmokeResult } from "../../src/verify/smoke.ts";
import { rejectedWith } from "../harness/problem-of.ts";
import { HOST_ARCHITECTURE, hostRootTar, writeBaseLayout } from "../harness/sandbox-base.ts";
import { sandboxSuite } from "../harness/sandbox-build.ts";
import { lastingLeftovers, leftovers } from "../harness/sandbox-leftovers.ts";
import { tarOf } from "../harness/sandbox-room.ts";

sandboxSuite("verify --smoke", () => {
  const folder = mkdtempSync(join(tmpdir(), "multihull-smoke-"));
  const store = join(folder, "store");
  afterAll(async () => {
    expect(await lastingLeftovers(folder)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });
  const tools = hostRootTar() as Buffer;
  const files = tarOf([
    { path: "start.sh", mode: 0o755, text: '#!/bin/sh\necho "started as $0 $*"\n' },
    { path: "not-executable", text: "#!/bin/sh\n" },
    { path: "srv", type: "directory", uid: 1000, gid: 1000 },
    { path: "srv/mine", uid: 1000, gid: 1000, text: "of app\n" },
    { path: "text", mode: 0o755, text: "no program\n" },
  ]);
  let images = 0;

  /** Starts an image of this config over the machine's own tools. */
  async function started(
    config: Readonly<Record<string, unknown>>,
    smoke: true | string = true,
    smokeTimeoutMs = 60_000,
    signal?: AbortSignal,
  ): Promise<SmokeResult> {
    const place = join(folder, `image-${images++}`);
    writeBaseLayout(place, { layers: [tools, files], config });
    const report = await verify(`oci:${place}`, { smoke, smokeTimeoutMs, store, repository: folder, ...(signal === undefined ? {} : { signal }) });
    expect(report.findings.filter(({ rule }) => rule === "smoke-failed")).toHaveLength(report.smoke?.[0]?.state === "failed" ? 1 : 0);
    return report.smoke?.[0] as SmokeResult;
  }
  const sh = (line: string) => ({ Entrypoint: ["/bin/sh", "-c", line] });

  describe("what a container would do", () => {
    test.each<readonly [name: string, config: Readonly<Record<string, unknown>>, smoke: true | string, result: Partial<SmokeResult>]>([
      [
        "ENTRYPOINT and CMD",
        { Entrypoint: ["/start.sh"], Cmd: ["a b"] },
        true,
        { state: "passed", how: "native", exitCode: 0, output: "started as /start.sh a b\n" },
      ],
      [
        "arguments in the place of CMD",
        { Entrypoint: ["/start.sh"], Cmd: ["a b"] },
        "--version 'x y'",
        { state: "passed", output: "started as /start.sh --version x y\n" },
      ],
      ["another command", { Entrypoint: ["/false"] }, "sh -c 'echo $0' \"it's me\"", { state: "passed", output: "it's me\n" }],
      ["a status", sh("echo out; echo err >&2; exit 3"), true, { state: "failed", exitCode: 3, output: expect.stringMatching(/out\n/) }],
      ["a signal", sh("kill -SEGV $$"), true, { state: "failed", exitCode: 139, signal: "SIGSEGV", why: expect.stringMatching(/^it was ended by SIGSEGV/) }],
      [
        "a signal in a program of a script",
        sh("sh -c 'kill -ABRT $$'; exit $?"),
        true,
        { state: "failed", exitCode: 134, signal: undefined, why: expect.stringContaining("SIGABRT") },
      ],
      ["a program that a script lacks", sh("no-such-program"), true, { state: "failed", exitCode: 127, output: expect.stringContaining("not found") }],
      [
        "a program that is not there",
        { Entrypoint: ["/no/such"] },
        true,
        { state: "failed", exitCode: undefined, why: expect.stringContaining("no such file") },
      ],
      [
        "a program that PATH does not lead to",
        { Entrypoint: ["no-such"], Env: ["PATH=/bin"] },
        true,
        { state: "failed", why: expect.stringContaining("PATH (/bin)") },
      ],
      ["a program that may not be executed", { Entrypoint: ["/not-executable"] }, true, { state: "failed", why: expect.stringContaining("permission denied") }],
      ["a file that is no program", { Entrypoint: ["/text"] }, true, { state: "failed", why: expect.stringContaining("exec format error") }],
      [
        "a user by name, its groups and home",
        { ...sh("id -un; id -G; echo $HOME; cat /srv/mine; echo x > /srv/new"), User: "app" },
        true,
        { state: "passed", output: "app\n1000 10\n/home/app\nof app\n" },
      ],
      ["a user that is not there", { ...sh("id"), User: "nobody-knows" }, true, { state: "failed", why: expect.stringContaining('"nobody-knows"') }],
      [
        "variables and the working directory",
        { ...sh("pwd; echo $A"), Env: ["PATH=/bin", "A=1=2"], WorkingDir: "/srv/deep" },
        true,
        { state: "passed", output: "/srv/deep\n1=2\n" },
      ],
      ["no standard input", sh("cat; echo over"), true, { state: "passed", output: "over\n" }],
    ])("%s", async (_, config, smoke, result) => {
      expect(await started({ Env: ["PATH=/bin"], ...config }, smoke)).toMatchObject(result);
    });
  });

  describe("time", () => {
    test("a server outlasts it, and all that it started is ended", async () => {
      const result = await started(sh("echo ready; (setsid sleep 1111 &); sleep 1112"), true, 500);
      expect(result).toMatchObject({
        state: "passed",
        outlasted: true,
        exitCode: undefined,
        output: "ready\n",
        why: "it still ran after 0.5 s, and was ended",
      });
      expect(await lastingLeftovers(folder, "sleep\u00001111")).toEqual([]);
    });
    test("a command must not outlast it", async () => {
      expect(await started({}, "sleep 1113", 500)).toMatchObject({ state: "failed", outlasted: true, why: "it had not ended after 0.5 s, and was ended" });
    });
    test("an interrupt ends what runs, and leaves nothing", async () => {
      const stop = new AbortController();
      const reason = new ProblemError("interrupted", { message: "stopped" });
      const running = started(sh("sleep 1114"), true, 60_000, stop.signal);
      await expect.poll(() => leftovers("sleep 1114"), { timeout: 30_000 }).not.toEqual([]);
      stop.abort(reason);
      expect((await rejectedWith(running)).code).toBe("interrupted");
      expect(await lastingLeftovers(folder, "sleep 1114")).toEqual([]);
      const area = join(store, "sandbox", readdirSync(join(store, "sandbox")).find((name) => /-[0-9a-f]{8}$/.test(name)) as string);
      expect(readdirSync(join(area, "work"))).toEqual([]);
    });
  });

  describe("what is kept from a program", () => {
    test("the machine's files, variables and network", async () => {
      const secret = join(folder, "secret");
      writeFileSync(secret, "a secret of the machine");
      process.env.MULTIHULL_TEST_SECRET = "a secret of the environment";
      try {
        const { state, output } = await started(
          sh(`cat ${secret} 2>/dev/null; env; cat /proc/self/mountinfo; cat /proc/net/dev; cat /proc/1/environ; ls /proc | grep -c '^[0-9]'; exit 0`),
        );
        expect(state).toBe("passed");
        expect(output).not.toContain("a secret");
        expect(output).not.toContain(tmpdir());
        expect([...output.matchAll(/^ *(\w+):\s+\d+ /gm)].map(([, name]) => name)).toEqual(["lo"]);
      } finally {
        delete process.env.MULTIHULL_TEST_SECRET;
      }
    });
    test("its own changes, the next time", async () => {
      const write = sh("ls /; echo x > /written; chmod 777 /bin");
      const first = await started(write);
      expect(first).toMatchObject({ state: "passed" });
      expect((await started(write)).output).toBe(first.output);
    });
    test("more of our memory than its last 16 KiB", async () => {
      const { state, output } = await started(sh("dd if=/dev/zero bs=65536 count=1600 2>/dev/null | tr '\\0' x; printf '\\033[1mend\\n'"));
      expect(state).toBe("passed");
      expect(output).toBe(`${"x".repeat(16 * 1024 - 8)}\u001b[1mend\n`);
    });
  });

  describe("other platforms", () => {
    const FOREIGN = HOST_ARCHITECTURE === "arm64" ? "amd64" : "arm64";
    /** A program of this machine in an image that says it is another's. */
    test("a program that this machine would run is not taken for the platform's", async () => {
      const place = join(folder, "mixed");
      writeBaseLayout(
        place,
        { layers: [tools], config: { Entrypoint: ["/bin/true"] } },
        { layers: [tools], architecture: FOREIGN, config: { Entrypoint: ["/bin/true"] } },
      );
      const { smoke = [] } = await verify(`oci:${place}`, { smoke: true, store, repository: folder });
      expect(smoke[0]).toMatchObject({ platform: `linux/${HOST_ARCHITECTURE}`, state: "passed" });
      expect(smoke[1]?.state).not.toBe("passed");
      // Where it could be emulated.
      if (smoke[1]?.state === "failed") expect(smoke[1].why).toMatch(/^exec format error/);
    });
    test("of a system or processor that nobody emulates are not run, and unpack nothing", async () => {
      const place = join(folder, "strange");
      const own = tarOf([{ path: "only-here", text: "x" }]);
      writeBaseLayout(place, { layers: [own], architecture: "sparc64", config: { Entrypoint: ["/only-here"] } });
      const { smoke, findings } = await verify(`oci:${place}`, { smoke: true, store, repository: folder });
      expect(smoke).toMatchObject([{ state: "not-run", why: expect.stringContaining("linux/sparc64") }]);
      expect(findings).toContainEqual(expect.objectContaining({ rule: "smoke-not-run", severity: "info" }));
    });
  });
});
