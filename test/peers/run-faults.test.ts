// Needs: root, unshare, setpriv, newuidmap, mkfs.ext4
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { family, highWaterMiB } from "../../bench/measure.ts";
import { MACHINES } from "../../src/adapters/node/sandbox/binfmt-table.ts";
import { probeFor } from "../../src/adapters/node/sandbox/probe.ts";
import { elfProgram } from "../../src/adapters/node/sandbox/probe-elf.ts";
import { TAR_END, tarHeader, tarPad } from "../../src/image/tar/writer.ts";
import { tarOf } from "../harness/built-result.ts";
import { endOf, type Ran } from "../harness/multihull.ts";
import { hostRootTar, which, writeBaseLayout } from "../harness/sandbox-base.ts";
import { sandboxSuite } from "../harness/sandbox-build.ts";
import { lastingLeftovers } from "../harness/sandbox-leftovers.ts";
import { type World, type WorldOptions, world, worldsHere } from "../harness/sandbox-worlds.ts";

sandboxSuite(
  "a build with RUN when something fails",
  () => {
    let folder: string;
    let base: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "multihull-faults-"));
      chmodSync(folder, 0o755);
      base = writeBaseLayout(join(folder, "base"), { layers: [hostRootTar() as Buffer] });
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    interface Build extends WorldOptions {
      readonly flags?: readonly string[];
      readonly output?: string;
    }
    const argsOf = (here: World, { flags = [], output = "type=tar,dest=/dev/null" }: Build): string[] => {
      const context = join(here.place, "..", "context");
      mkdirSync(context, { recursive: true });
      return ["build", "--engine", "embedded", "--progress", "plain", "--build-context", `base=${base}`, ...flags, "-o", output, "-f", "-", context];
    };
    const built = async (here: World, dockerfile: string, options: Build = {}): Promise<Ran> =>
      await here.run(argsOf(here, options), { ...options, input: dockerfile });

    /** Builds one after another in one mount namespace, in which `place` is a small file system of its own. */
    async function onSmallDisk(here: World, mount: string, dockerfiles: readonly string[]): Promise<Ran[]> {
      const context = join(here.place, "..", "context");
      mkdirSync(context, { recursive: true });
      const scripts = dockerfiles.map((dockerfile, number) => {
        writeFileSync(join(context, `Dockerfile.${number}`), dockerfile);
        const args = [
          "build",
          "--engine",
          "embedded",
          "--progress",
          "plain",
          "--build-context",
          `base=${base}`,
          "-o",
          "type=tar,dest=/dev/null",
          "-f",
          join(context, `Dockerfile.${number}`),
          context,
        ];
        return `"${process.execPath}" "$M" ${args.join(" ")} > "$PLACE/../said.${number}" 2>&1 || echo "${number}: $?"`;
      });
      for (const number of dockerfiles.keys()) writeFileSync(join(here.place, "..", `said.${number}`), "", { mode: 0o666 });
      const script = [...scripts, `[ -z "$(ls -A "$PLACE/store/ingest" 2>/dev/null)" ] || echo "half-written"`].join("\n");
      const child = here.startProgram("sh", ["-c", script], {
        before: `${mount.replaceAll("PLACE", here.place)}\nchown ${here.id}:${here.id} ${here.place}\ncd ${here.place}`,
        env: { PLACE: here.place, M: join(here.place, "../checkout/bin/multihull"), MULTIHULL_STORE: join(here.place, "store") },
      });
      for (const number of dockerfiles.keys()) chownSync(join(here.place, "..", `said.${number}`), here.id, here.id);
      const ended = await endOf(child);
      expect(ended.stderr).toBe("");
      expect(await lastingLeftovers(here.place)).toEqual([]);
      expect(ended.stdout).not.toContain("half-written");
      return dockerfiles.map((_, number) => ({
        status: Number(new RegExp(`^${number}: (\\d+)$`, "m").exec(ended.stdout)?.[1] ?? 0),
        stdout: "",
        stderr: readFileSync(join(here.place, "..", `said.${number}`), "utf8"),
      }));
    }

    const DISKS = {
      "a tmpfs of 40 MB": "mount -t tmpfs -o size=40m tmpfs PLACE",
      "an ext4 of 40 MB": `truncate -s 40M PLACE/../disk && ${which("mkfs.ext4")} -q -F PLACE/../disk && mount -o loop PLACE/../disk PLACE && rmdir PLACE/lost+found`,
    };
    for (const [disk, mount] of Object.entries(DISKS)) {
      describe.skipIf(disk.includes("ext4") && which("mkfs.ext4") === undefined)(`the store on ${disk}`, () => {
        for (const name of ["root", "user with subordinate ids"] as const) {
          test(`${name}: a program, and the packing of its layer, that need more end in words; what fits is then built`, async () => {
            const [program, packing, small] = await onSmallDisk(world(name), mount, [
              "FROM base\nRUN dd if=/dev/urandom of=/big bs=1M count=60\n",
              "FROM base\nRUN head -c 14000000 /dev/urandom > /big\n",
              "FROM base\nRUN echo fits > /small\n",
            ]);
            expect(program?.status).toBe(1);
            expect(program?.stderr).toMatch(/No space left on device/);
            expect(program?.stderr).toMatch(/^error\[(run-failed|disk-full)\]/m);
            expect(packing?.status === 0 || /^error\[disk-full\]/m.test(packing?.stderr ?? ""), packing?.stderr).toBe(true);
            expect(small?.status, small?.stderr).toBe(0);
            for (const ran of [program, packing, small]) expect(ran?.stderr).not.toMatch(/\n\s+at |^bug: /m);
          });
        }
      });
    }

    test("a disk too small for the unpacked base is a full disk, in words", async () => {
      const [unpacking] = await onSmallDisk(world("root"), "mount -t tmpfs -o size=10m tmpfs PLACE", ["FROM base\nRUN true\n"]);
      expect(unpacking?.status).toBe(1);
      expect(unpacking?.stderr).toMatch(/^error\[disk-full\].*\n?help: /m);
      expect(unpacking?.stderr).not.toMatch(/\n\s+at |^bug: /m);
    });

    test("out of inodes: a program's files, and those of the base, end in words; what fits is then built", async () => {
      const many = "FROM base\nRUN i=0; while [ $i -lt 2000 ]; do : > /f$i || exit 7; i=$((i+1)); done\n";
      const [program, small] = await onSmallDisk(world("root"), "mount -t tmpfs -o size=400m,nr_inodes=700 tmpfs PLACE", [
        many,
        "FROM base\nRUN echo fits > /small\n",
      ]);
      expect(program?.status).toBe(1);
      expect(program?.stderr).toMatch(/No space left on device|error\[disk-full\]/);
      expect(small?.status, small?.stderr).toBe(0);
      const [unpacking] = await onSmallDisk(world("root"), "mount -t tmpfs -o size=400m,nr_inodes=60 tmpfs PLACE", ["FROM base\nRUN true\n"]);
      expect(unpacking?.status).toBe(1);
      expect(unpacking?.stderr).toMatch(/^error\[disk-full\]/m);
    });

    test("a fork bomb under --ulimit nproc ends with its step", async () => {
      const here = world("root");
      const bomb = "FROM base\nRUN bomb() { bomb | bomb & }; bomb 2>/dev/null; sleep 1; echo over\n";
      const ran = await built(here, bomb, { flags: ["--ulimit", "nproc=150:150"] });
      expect(ran.stderr).not.toMatch(/\n\s+at |^bug: /m);
      expect(await lastingLeftovers(here.place)).toEqual([]);
      const next = await built(here, "FROM base\nRUN echo still-here\n");
      expect(next.status, next.stderr).toBe(0);
    });

    test("a program that fills memory under --ulimit data ends with its step", async () => {
      const here = world("root");
      const ran = await built(here, "FROM base\nRUN x=0123456789abcdef; while :; do x=$x$x; done\n", { flags: ["--ulimit", "data=200000000:200000000"] });
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/^error\[run-failed\]/m);
      expect(await lastingLeftovers(here.place)).toEqual([]);
    });

    test("without any network: what needs none is built", async () => {
      const here = world("root");
      const child = here.startProgram("unshare", ["-n", process.execPath, join(here.place, "../checkout/bin/multihull"), ...argsOf(here, {})], {
        env: { MULTIHULL_STORE: join(here.place, "store") },
      });
      const ran = await endOf(child, { input: "FROM base\nRUN echo quiet\nRUN --network=none true\n" });
      expect(ran.status, ran.stderr).toBe(0);
    });

    test.skipIf(process.arch !== "x64")("an emulator that crashes is named as such, with the platform", async () => {
      const emulators = join(folder, "emulators");
      mkdirSync(emulators);
      // exit(42) for the probe, which has no arguments; for anything with arguments a write to address 0.
      const code = [0x48, 0x8b, 0x04, 0x24, 0x48, 0x83, 0xf8, 0x03, 0x7f, 0x0c, 0xbf, 0x2a, 0, 0, 0, 0xb8, 0x3c, 0, 0, 0, 0x0f, 0x05, 0x31, 0xc0, 0x89, 0x00];
      const machine = MACHINES.amd64;
      if (machine === undefined) throw new Error("amd64 is not in the table");
      writeFileSync(join(emulators, "qemu-aarch64-static"), elfProgram(machine, 0, Buffer.from(code)), { mode: 0o755 });
      // Never understood by anybody: only its head counts.
      const shell = Buffer.from(probeFor({ os: "linux", architecture: "arm64" }) ?? []);
      const header = tarHeader({ path: "bin/sh", type: "file", mode: 0o755, uid: 0, gid: 0, mtime: 1000, size: shell.length });
      const root = Buffer.concat([header, shell, tarPad(shell.length), TAR_END]);
      const foreign = writeBaseLayout(join(folder, "foreign"), { layers: [root], architecture: "arm64" });
      const here = world("root");
      const ran = await built(here, "FROM foreign\nRUN echo hello there\n", {
        flags: ["--platform", "linux/arm64", "--build-context", `foreign=${foreign}`, "--emulator", emulators],
      });
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/^error\[run-failed\].*(emulator|QEMU).*/im);
      expect(ran.stderr).toContain("linux/arm64");
    });

    test("500 layers of a base, and a step upon them", { timeout: 120_000 }, async () => {
      const rows = Array.from({ length: 499 }, (_, number) => tarOf([{ path: `layer-${number}`, content: `${number}` }]));
      const deep = writeBaseLayout(join(folder, "deep"), { layers: [hostRootTar() as Buffer, ...rows] });
      const here = world("root");
      const ran = await built(
        here,
        'FROM deep\nRUN test "$(ls -d /layer-* | wc -l)" = 499 && rm /layer-0 && echo x > /layer-1\nRUN test ! -e /layer-0 && test "$(cat /layer-1)" = x\n',
        {
          flags: ["--build-context", `deep=${deep}`],
        },
      );
      expect(ran.status, ran.stderr).toBe(0);
    });

    test("a layer of 5 GB: builder and sandbox need no more memory than for one of 50 MB", { timeout: 280_000 }, async () => {
      const peakOf = async (size: string): Promise<number> => {
        const here = world("root");
        const child = here.start([...argsOf(here, { output: "type=image", flags: ["--platform", "linux/amd64"] })], {});
        const highest = new Map<number, number>();
        const timer = setInterval(() => {
          for (const pid of family(child.pid as number)) highest.set(pid, Math.max(highest.get(pid) ?? 0, highWaterMiB(pid)));
        }, 50);
        const ran = await endOf(child, { input: `FROM base\nRUN truncate -s ${size} /large\n` });
        clearInterval(timer);
        expect(ran.status, ran.stderr).toBe(0);
        return [...highest.values()].reduce((sum, each) => sum + each, 0);
      };
      const [small, large] = [await peakOf("50M"), await peakOf("5G")];
      console.log(`peak of builder and sandbox together: ${Math.round(small)} MiB for 50 MB, ${Math.round(large)} MiB for 5 GB`);
      expect(large).toBeLessThan(small + 150);
    });
  },
  worldsHere(),
);
