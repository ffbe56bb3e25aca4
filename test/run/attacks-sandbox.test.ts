import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtFiles, sandboxSuite, type Workshop, workshop } from "../harness/sandbox-build.ts";
import { lastingLeftovers } from "../harness/sandbox-leftovers.ts";
import { type Bait, landlockScopes, layBait, REFUSED, resultsIn } from "./battery.ts";

sandboxSuite("a program in RUN", () => {
  let shop: Workshop;
  beforeAll(() => {
    shop = workshop({ node: true });
  });
  afterAll(() => shop.remove());

  describe("that tries everything", () => {
    let results: Readonly<Record<string, string>>;
    let bait: Bait;
    beforeAll(async () => {
      bait = await layBait(shop.place());
      const out = join(shop.place(), "out");
      const ran = await shop.build(bait.dockerfile, {
        context: bait.context,
        output: `type=local,dest=${out}`,
        env: { MULTIHULL_TEST_MARK: "of the builder" },
      });
      expect(ran.status, ran.stderr).toBe(0);
      results = resultsIn(out);
    });
    afterAll(() => bait.close());

    test("the table and the battery try the same", () => {
      expect(Object.keys(results).sort()).toEqual(Object.keys(REFUSED).sort());
    });
    for (const [name, expected] of Object.entries(REFUSED)) {
      const possible = name !== "an abstract socket of the machine" || landlockScopes();
      test.skipIf(!possible)(`is refused: ${name}`, () => {
        expect(results[name]).toMatch(expected);
      });
    }
    test.skipIf(!landlockScopes())("nobody came to the machine's socket", () => {
      expect(bait.visited()).toBe(false);
    });
  });

  test("has no open files but its three", async () => {
    const out = await builtFiles(shop, "FROM base\nRUN ls -l /proc/self/fd > /tmp/links\n");
    const links = [...readFileSync(join(out, "tmp/links"), "utf8").matchAll(/(\d+) -> (.+)$/gm)].map(([, number, to]) => [number, to]);
    // The last is the folder itself, which `ls` reads.
    expect(links.map(([number]) => number)).toEqual(["0", "1", "2", "3"]);
    expect(links[0]?.[1]).toMatch(/^pipe:/);
    expect(links[1]).toEqual(["1", "/tmp/links"]);
    expect(links[2]?.[1]).toMatch(/^pipe:/);
    expect(links[3]?.[1]).toMatch(/^\/proc\/\d+\/fd$/);
  });

  test("that kills all it can see kills nothing of ours: the build goes on", async () => {
    const out = await builtFiles(shop, "FROM base\nRUN kill -9 -1; kill -9 1; echo survived > /tmp/first\nRUN sleep 0 && echo went on > /tmp/second\n");
    expect(readFileSync(join(out, "tmp/first"), "utf8")).toBe("survived\n");
    expect(readFileSync(join(out, "tmp/second"), "utf8")).toBe("went on\n");
  });

  test("that leaves daemons behind: they end with it, even those that hold its output", async () => {
    const mark = `left-${process.pid}-behind`;
    const daemons = "setsid sleep 86400 & (setsid sh -c 'trap : TERM HUP INT; sleep 86400; true' &) ; sleep 86400 &";
    const ran = await shop.build(`FROM base\nENV MARK=${mark}\nRUN ${daemons} echo started\nRUN ls /proc | grep -c '^[0-9]' > /tmp/count\n`);
    expect(ran.status, ran.stderr).toBe(0);
    expect(await lastingLeftovers(mark, shop.store)).toEqual([]);
  });

  test("that is root cannot see or change what a step before it ran", async () => {
    const out = await builtFiles(shop, "FROM base\nRUN (setsid sleep 86400 &) ; echo\nRUN ls /proc | grep '^[0-9]' > /tmp/processes\n");
    // Its own: the first process of the namespace, the shell, ls, grep.
    expect(readFileSync(join(out, "tmp/processes"), "utf8").trim().split("\n").length).toBeLessThanOrEqual(5);
  });

  test("under --network=none has loopback alone", async () => {
    const context = shop.place();
    writeFileSync(
      join(context, "net.cjs"),
      "const os = require('os'); console.log(Object.keys(os.networkInterfaces()).join(' ')); require('fs').writeFileSync('/tmp/dev', require('fs').readFileSync('/proc/net/dev'));",
    );
    const out = await builtFiles(shop, "FROM node\nCOPY net.cjs /\nRUN --network=none node /net.cjs > /tmp/interfaces\n", { context });
    expect(readFileSync(join(out, "tmp/interfaces"), "utf8").trim()).toMatch(/^(lo)?$/);
    const devices = readFileSync(join(out, "tmp/dev"), "utf8");
    expect([...devices.matchAll(/^\s*(\S+):/gm)].map(([, name]) => name)).toEqual(["lo"]);
  });

  test("as an ordinary user of the image has no rights at all", async () => {
    const out = await builtFiles(
      shop,
      "FROM base\nUSER app\nRUN id > /tmp/id; grep Cap /proc/self/status > /tmp/rights; touch /etc/x 2>/dev/null || echo refused > /tmp/refused\n",
    );
    expect(readFileSync(join(out, "tmp/id"), "utf8")).toBe("uid=1000(app) gid=1000(app) groups=1000(app),10(wheel)\n");
    expect(readFileSync(join(out, "tmp/rights"), "utf8")).toMatch(/CapInh:\s+0+\nCapPrm:\s+0+\nCapEff:\s+0+\nCapBnd:\s+00000000a80425fb\n/);
    expect(readFileSync(join(out, "tmp/refused"), "utf8")).toBe("refused\n");
  });

  test("sees nothing of the builder in its environment", async () => {
    const out = await builtFiles(shop, "FROM base\nRUN env > /tmp/env\n", { env: { SECRET_OF_THE_CALLER: "hunter2", NODE_OPTIONS: "--no-warnings" } });
    const names = readFileSync(join(out, "tmp/env"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0] as string);
    // Some of them a shell makes itself.
    expect(new Set(names.filter((name) => !["_", "SHLVL", "PWD", "OLDPWD"].includes(name)))).toEqual(new Set(["HOME", "PATH"]));
  });

  test("that asks for more than the sandbox (--security=insecure) is refused before anything is built", async () => {
    const ran = await shop.build("FROM base\nRUN --security=insecure true\n");
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/^error\[[a-z-]+\].*insecure/m);
    expect(ran.stderr).toMatch(/^help: /m);
  });

  test("that asks for the machine's network without --allow network.host is refused, as BuildKit does", async () => {
    const ran = await shop.build("FROM base\nRUN --network=host true\n");
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/^error\[entitlement-missing\].*\nhelp: .*--allow network\.host/m);
    expect((await shop.build("FROM base\nRUN --network=host true\n", { flags: ["--allow", "network.host"] })).status).toBe(0);
  });

  test("that fills its folders with links to itself leaves a sound layer", async () => {
    const out = await builtFiles(
      shop,
      "FROM base\nRUN mkdir -p /tmp/l && cd /tmp/l && ln -s . dot && ln -s /tmp/l/loop loop && ln -s ../../../../../../../../etc/passwd up && mkfifo pipe && echo x > f && ln f g\n",
    );
    mkdirSync(join(out, "tmp/l/added"));
    expect(readFileSync(join(out, "tmp/l/g"), "utf8")).toBe("x\n");
  });
});
