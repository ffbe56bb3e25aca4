// Needs: root, unshare, setpriv, newuidmap
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openLayout } from "../compare/layout.ts";
import { listLayout, type ResultListing } from "../compare/listing.ts";
import type { Ran } from "../harness/multihull.ts";
import { hostRootTar, nodeLayerTar, writeBaseLayout } from "../harness/sandbox-base.ts";
import { sandboxSuite } from "../harness/sandbox-build.ts";
import { lastingLeftovers } from "../harness/sandbox-leftovers.ts";
import { type World, type WorldName, world, worldsHere } from "../harness/sandbox-worlds.ts";
import { landlockScopes, layBait, REFUSED, resultsIn } from "../run/battery.ts";

const DOCKERFILE = `FROM base AS tools
RUN mkdir -p /out/sub && echo made > /out/file && ln /out/file /out/hard && ln -s file /out/soft && mkfifo /out/pipe && chmod 4755 /out/file && chmod 1777 /out/sub
FROM base
RUN id > /id && chown -R 1000:10 /home/app && echo x > /home/app/x && chown 7:8 /home/app/x && rm /etc/group && mv /etc/passwd /etc/passwd.old && cp /etc/passwd.old /etc/passwd
COPY --from=tools /out /out
WORKDIR /home/app/work
USER app
RUN --mount=type=cache,target=/cache,mode=0777 --mount=type=tmpfs,target=/scratch --mount=type=secret,id=s,mode=0444 cat /run/secrets/s > /tmp/length && touch /cache/x /tmp/mine && id -u > /tmp/uid
USER root
RUN <<MORE
rm -rf /out/sub
mkdir /out/sub
echo new > /out/sub/new
test ! -e /proc/self || ls /proc/self/ns > /dev/null
echo said > /tmp/said
MORE
`;

sandboxSuite(
  "the same Dockerfile in every world",
  () => {
    let folder: string;
    let base: string;
    let node: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "multihull-worlds-"));
      base = writeBaseLayout(join(folder, "base"), { layers: [hostRootTar() as Buffer] });
      node = writeBaseLayout(join(folder, "node"), {
        layers: [hostRootTar() as Buffer, nodeLayerTar() as Buffer],
        config: { Env: ["PATH=/bin", "NODE_PATH=/node_modules"] },
      });
      spawnSync("chmod", ["-R", "a+rX", folder]);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    async function built(
      here: World,
      dockerfile = DOCKERFILE,
      more: readonly string[] = [],
      output = `type=oci,dest=${join(here.place, "out")},tar=false`,
      before = "",
    ) {
      const args = [
        "build",
        "--engine",
        "embedded",
        "--progress",
        "plain",
        "--build-context",
        `base=${base}`,
        "--build-context",
        `node=${node}`,
        "--secret",
        "id=s,env=S",
        ...more,
      ];
      const context = join(here.place, "context");
      mkdirSync(context, { recursive: true });
      return await here.run([...args, "-o", output, "-f", "-", context], { input: dockerfile, env: { S: "1234", SOURCE_DATE_EPOCH: "1700000000" }, before });
    }

    const digests = new Map<WorldName, string>();
    const listed = async (here: World) => {
      const layout = openLayout(join(here.place, "out"));
      try {
        return await listLayout(layout, true);
      } finally {
        layout.close();
      }
    };

    const WORKING = ["root", "root with a masked /proc", "user with subordinate ids", "root in a container"] as const;
    for (const name of WORKING) {
      test(`${name}: it works, all owners are kept, nothing is left`, async () => {
        const here = world(name);
        const ran = await built(here);
        expect(ran.status, ran.stderr).toBe(0);
        digests.set(name, digestOf(ran));
        expect(ran.stderr).not.toMatch(/owner/);
        expect(await lastingLeftovers(here.place)).toEqual([]);
        const again = await built(here);
        expect(again.status, again.stderr).toBe(0);
        expect(digestOf(again)).toBe(digestOf(ran));
      });
    }
    test("root in a container: a step without network is refused in words, for it needs a namespace", async () => {
      const ran = await built(world("root in a container"), "FROM base\nRUN --network=none true\n");
      expect(ran.status).toBe(1);
      expect(ran.stderr).toMatch(/^error\[sandbox-unavailable\].*--network=none/m);
    });
    test("they have made the same image, byte for byte", () => {
      expect([...digests.keys()]).toEqual(WORKING);
      expect(new Set(digests.values()).size, JSON.stringify([...digests])).toBe(1);
    });

    test("user without subordinate ids: it works, what it costs is said once, and the image is the same but for owners", async () => {
      const [plain, single] = [world("root"), world("user without subordinate ids")];
      const [expected, ran] = [await built(plain), await built(single)];
      expect(expected.status, expected.stderr).toBe(0);
      expect(ran.status, ran.stderr).toBe(0);
      expect(ran.stderr.split("\n").filter((line) => /subuid/.test(line)).length, ran.stderr).toBe(1);
      const [[theirs, ours], owned] = [
        [filesOf(await listed(plain)), filesOf(await listed(single))],
        (files: Files) => Object.values(files).map((file) => file.owner),
      ];
      expect(withoutOwners(ours)).toEqual(withoutOwners(theirs));
      // Layers of the base keep theirs; what RUN made is all root's.
      expect(owned(theirs)).toContain("7:8");
      expect(owned(ours)).not.toContain("7:8");
      expect(await lastingLeftovers(single.place)).toEqual([]);
    });

    describe.each([
      ["user in a container", [/with sudo/, /docker buildx build/]],
      ["user where user namespaces are forbidden", [/with sudo/, /sysctl -w user\.max_user_namespaces/, /docker buildx build/]],
    ] as const)("%s", (name, ways) => {
      test("RUN is refused before anything is built, in words that name the ways out; COPY alone works", async () => {
        const here = world(name);
        const ran = await built(here);
        expect(ran.status).toBe(1);
        expect(ran.stderr).toMatch(/^error\[sandbox-unavailable\]/m);
        for (const way of ways) expect(ran.stderr).toMatch(way);
        expect(ran.stderr).not.toMatch(/\n\s+at |^bug: /m);
        const copies = await built(here, "FROM base AS one\nFROM base\nCOPY --from=one /etc/passwd /x\n");
        expect(copies.status, copies.stderr).toBe(0);
        const doctor = await here.run(["doctor", "--host"]);
        expect(doctor.stdout + doctor.stderr).toMatch(/impossible|cannot|none/);
      });
    });

    test("root in a container whose store lies on an overlay, as its root file system does", async () => {
      const here = world("root in a container");
      const before = `mkdir -p ${here.place}/../o/l ${here.place}/../o/u ${here.place}/../o/w\nmount -t overlay overlay -o lowerdir=${here.place}/../o/l,upperdir=${here.place}/../o/u,workdir=${here.place}/../o/w ${here.place}`;
      const ran = await built(here, DOCKERFILE, [], "type=tar,dest=/dev/null", before);
      expect(ran.status, ran.stderr).toBe(0);
    });

    test("root whose store lies on an overlay: copies, with the same result", async () => {
      const here = world("root");
      const before = `mkdir -p ${here.place}/../o/l ${here.place}/../o/u ${here.place}/../o/w\nmount -t overlay overlay -o lowerdir=${here.place}/../o/l,upperdir=${here.place}/../o/u,workdir=${here.place}/../o/w ${here.place}`;
      const ran = await built(here, DOCKERFILE, [], "type=oci,dest=out.tar", before);
      expect(ran.status, ran.stderr).toBe(0);
      expect(digestOf(ran)).toBe(digests.get("root"));
    });

    describe.each(["root", "root with a masked /proc", "user with subordinate ids", "user without subordinate ids"] as const)(
      "a program that tries everything: %s",
      (name) => {
        test("is refused all of it", async () => {
          const here = world(name);
          const bait = await layBait(join(folder), "");
          try {
            spawnSync("chmod", ["-R", "a+rX", folder]);
            const out = join(here.place, "files");
            const args = [
              "build",
              "--engine",
              "embedded",
              "--progress",
              "plain",
              "--build-context",
              `node=${node}`,
              "-o",
              `type=local,dest=${out}`,
              "-f",
              "-",
              bait.context,
            ];
            const ran = await here.run(args, { input: bait.dockerfile });
            expect(ran.status, ran.stderr).toBe(0);
            const results = resultsIn(out);
            const through = Object.entries(REFUSED).filter(([attack, expected]) => !expected.test(results[attack] ?? "(not tried)"));
            const unkept: Readonly<Record<string, boolean>> = {
              "an abstract socket of the machine": !landlockScopes(),
              // The kernel gives no fresh /proc where the present one is covered: names and arguments of the container's processes are seen, and nothing else of them.
              "other processes": name === "root with a masked /proc",
            };
            const missed = through.filter(([attack]) => unkept[attack] !== true);
            expect(Object.fromEntries(missed.map(([attack]) => [attack, results[attack]]))).toEqual({});
          } finally {
            bait.close();
          }
        });
      },
    );

    test("a program in a container's plain chroot gets no further than the container lets its root", async () => {
      const here = world("root in a container");
      const bait = await layBait(join(folder), "");
      try {
        const out = join(here.place, "files");
        const ran = await here.run(
          ["build", "--engine", "embedded", "--progress", "plain", "--build-context", `node=${node}`, "-o", `type=local,dest=${out}`, "-f", "-", bait.context],
          { input: bait.dockerfile },
        );
        expect(ran.status, ran.stderr).toBe(0);
        const results = resultsIn(out);
        for (const attack of [
          "mount a tmpfs",
          "pivot the root",
          "a user namespace",
          "load a module",
          "the new calls for mounts",
          "a file of the machine",
          "out by chroot",
          "make a node of the disk",
          "open nodes that were made",
          "trace the first process",
          "read the first process by number",
          "the first process's root",
          "the first process's memory",
        ])
          expect([attack, results[attack]]).toEqual([attack, expect.stringMatching(REFUSED[attack] as RegExp)]);
        expect(readFileSync(bait.secret, "utf8")).toBe("a secret of the machine");
      } finally {
        bait.close();
      }
    });
  },
  worldsHere(),
);

/** The image's digest, which is told at the end. */
const digestOf = ({ stdout, stderr }: Ran): string => /^sha256:[0-9a-f]{64}$/m.exec(stdout + stderr)?.[0] ?? "none";

type Files = Readonly<Record<string, Readonly<Record<string, string>>>>;
const filesOf = (listing: ResultListing): Files => Object.values(listing.images)[0]?.files ?? {};

/** Without owners, and without the files that hold what a program was told of its ids. */
function withoutOwners(files: Files): Files {
  const entries = Object.entries(files).filter(([path]) => !["/id", "/tmp/uid"].includes(path));
  return Object.fromEntries(entries.map(([path, file]) => [path, { ...file, owner: "" }]));
}
