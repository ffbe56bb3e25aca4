import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { sandboxSuite, type Workshop, workshop } from "../harness/sandbox-build.ts";
import { lastingLeftovers, leftovers } from "../harness/sandbox-leftovers.ts";
import { defectsOf } from "../harness/soundness.ts";

/** CI asks for 200; a quick run for fewer. */
const KILLS = Number(process.env.MULTIHULL_KILLS ?? 12);

/** Numbers that are the same on every run: mulberry32. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

sandboxSuite("a build with RUN that ends before its time", () => {
  let shop: Workshop;
  beforeAll(() => {
    shop = workshop();
  });
  afterAll(() => shop.remove());

  /** Another one for each test, so that none sees what another has left. */
  let mark: string;
  beforeEach(() => {
    mark = `mark-${randomBytes(8).toString("hex")}`;
  });
  const endless = (): string => `FROM base\nENV MARK=${mark}\nRUN (setsid sleep 86400 &); echo it-runs; sleep 86400\n`;

  /** Starts a build whose step never ends, and waits until the step runs. */
  async function running(store: string) {
    const child = shop.start(endless(), { store });
    const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
    let said = "";
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          if (/ it-runs\n/.test(said)) resolve();
        });
      child.once("exit", () => reject(new Error(`it ended: ${said}`)));
    });
    return { child, ended, said: () => said };
  }

  test("the harness sees what is left: while a step runs there is a process and its mark", async () => {
    const store = shop.place();
    const { child, ended } = await running(store);
    expect(leftovers(mark).join("\n")).toContain("sleep 86400");
    expect(leftovers(store).length).toBeGreaterThan(0);
    child.kill("SIGKILL");
    await ended;
    expect(await lastingLeftovers(mark, store)).toEqual([]);
  });

  for (const signal of ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const) {
    test(`${signal} while a step runs leaves nothing running or mounted, and the same command then works as far as it did`, async () => {
      const store = shop.place();
      const { child, ended, said } = await running(store);
      child.kill(signal);
      const [status, by] = await ended;
      if (signal !== "SIGKILL") {
        expect([status, by]).not.toEqual([0, null]);
        expect(said()).not.toMatch(/\n\s+at |^bug: /m);
      }
      expect(await lastingLeftovers(mark, store)).toEqual([]);
      expect(await defectsOf(store)).toEqual([]);
      const again = await running(store);
      again.child.kill("SIGKILL");
      await again.ended;
      expect(await lastingLeftovers(mark, store)).toEqual([]);
    });
  }

  test("a step that fails ends the others that run beside it", async () => {
    const store = shop.place();
    const ran = await shop.build(
      `FROM base AS slow\nENV MARK=${mark}\nRUN sleep 86400\nFROM base AS quick\nRUN echo quick; exit 3\nFROM base\nCOPY --from=slow /etc/passwd /a\nCOPY --from=quick /etc/passwd /b\n`,
      { store },
    );
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/^error\[run-failed\].*3/m);
    expect(await lastingLeftovers(mark, store)).toEqual([]);
  });

  test(`kill -9 at ${KILLS} random moments of a build with RUN leaves the store sound and nothing behind, and the same command succeeds`, {
    timeout: 15 * 60_000,
  }, async () => {
    const random = dice(20261122);
    const store = shop.place();
    const context = shop.place();
    const dockerfile = [
      `FROM base AS one\nENV MARK=${mark}\nCOPY f /f`,
      "RUN mkdir -p /tree/a /tree/b && for i in $(seq 60); do cat /f > /tree/a/$i; done",
      "RUN --mount=type=cache,target=/cache cp -r /tree /cache/ && rm -rf /tree/a && cat /f >> /cache/all",
      `FROM base\nENV MARK=${mark}\nCOPY --from=one /tree /tree\nRUN (sleep 86400 &); cp -r /tree /copy && ls -R /copy > /listing`,
    ].join("\n");
    const build = (extra: readonly string[] = []) => shop.start(dockerfile, { store, context, flags: ["--progress", "quiet", ...extra] });
    writeFileSync(join(context, "f"), randomBytes(20_000));
    const started = performance.now();
    const first = build();
    first.stdout?.resume();
    first.stderr?.resume();
    const [status] = (await once(first, "exit")) as [number | null];
    expect(status).toBe(0);
    let usual = performance.now() - started;
    let killed = 0;
    let finished = 0;
    for (let i = 0; killed < KILLS && i < 4 * KILLS; i++) {
      // Something new every time: what the cache knows is not run again.
      writeFileSync(join(context, "f"), randomBytes(20_000));
      // Now and then the base is unpacked anew.
      const child = build(random() < 0.3 ? ["--no-cache"] : []);
      child.stdout?.resume();
      child.stderr?.resume();
      const ended = once(child, "exit");
      // Waiting here is the subject: the moment of death is random, within what a build takes.
      const timeUp = new AbortController();
      await Promise.race([ended, delay(random() * usual * 1.05, undefined, { signal: timeUp.signal }).catch(() => {})]);
      timeUp.abort();
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        killed++;
      } else {
        finished++;
        usual *= 0.9;
      }
      await ended;
      expect(await lastingLeftovers(mark, store), `after kill ${killed}`).toEqual([]);
      if (i % 20 === 19 || killed === KILLS) expect(await defectsOf(store)).toEqual([]);
    }
    expect(killed, `${killed} killed, ${finished} had finished`).toBe(KILLS);
    const last = await shop.build(dockerfile, { store, context });
    expect(last.status, last.stderr).toBe(0);
    expect(await lastingLeftovers(mark, store)).toEqual([]);
    // Whatever a dead process left half-written is swept by the next that opens the store.
    for (const folder of halfWritten(store)) expect(readdirSync(folder), folder).toEqual([]);
    expect(await defectsOf(store)).toEqual([]);
  });
});

/** Folders of a store in which things are only while they are being made. */
function halfWritten(store: string): string[] {
  return readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && ["ingest", "work"].includes(entry.name) && !/\/(layers|caches|work)(\/|$)/.test(entry.parentPath))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((folder) => existsSync(folder));
}
