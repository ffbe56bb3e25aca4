import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Row, tarOf } from "../harness/built-result.ts";
import { hostRootTar, writeBaseLayout } from "../harness/sandbox-base.ts";
import { builtFiles, sandboxSuite, type Workshop, type WorkshopBuild, workshop } from "../harness/sandbox-build.ts";

const folder = (path: string): Row => ({ path, type: "directory", mode: 0o755 });
const link = (path: string, to: string): Row => ({ path, type: "symlink", mode: 0o777, link: to });
const hard = (path: string, to: string): Row => ({ path, type: "hardlink", link: to });
const file = (path: string, content = "x"): Row => ({ path, content });

sandboxSuite("files that a RUN step meets", () => {
  let shop: Workshop;
  beforeAll(() => {
    shop = workshop();
  });
  afterAll(() => shop.remove());

  /** Flags for a base named `evil`: a root that works, and these layers over it. */
  function evil(...layers: readonly (readonly Row[])[]): WorkshopBuild {
    const from = writeBaseLayout(join(shop.place(), "evil"), { layers: [hostRootTar() as Buffer, ...layers.map((rows) => tarOf(rows))] });
    return { flags: ["--build-context", `evil=${from}`] };
  }

  /** A folder of the machine, in which nothing may ever appear, with a file that nothing may read. */
  function outside(): { readonly at: string; readonly untouched: () => void } {
    const at = shop.place();
    writeFileSync(join(at, "secret"), "of the machine");
    const before = statSync(join(at, "secret"), { bigint: true });
    return {
      at,
      untouched: () => {
        expect(readdirSync(at)).toEqual(["secret"]);
        expect(readFileSync(join(at, "secret"), "utf8")).toBe("of the machine");
        const { mode, uid, gid, mtimeNs, ctimeNs } = statSync(join(at, "secret"), { bigint: true });
        expect({ mode, uid, gid, mtimeNs, ctimeNs }).toEqual({
          mode: before.mode,
          uid: before.uid,
          gid: before.gid,
          mtimeNs: before.mtimeNs,
          ctimeNs: before.ctimeNs,
        });
      },
    };
  }

  describe("a base whose layers would leave the root when they are unpacked", () => {
    const refused: Readonly<Record<string, readonly Row[]>> = {
      "../../x": [file("../../x")],
      "a/../../x": [file("a/../../x")],
      "/../x": [file("/../x")],
      "a folder ../d": [folder("../d")],
      "a symlink at ../l": [link("../l", "x")],
      "a hard link to ../x": [hard("h", "../x")],
      "a hard link to /etc/shadow, which the layer has not": [hard("h", "/etc/shadow")],
      "a hard link through a symlinked folder": [link("d", "/etc"), hard("h", "d/passwd")],
      "a whiteout of nothing": [file(".wh.")],
      "a whiteout of its folder": [file(".wh..")],
      "a whiteout of its parent": [file(".wh...")],
      "an entry below a whiteout": [file("a/.wh.b/c")],
    };
    for (const [name, rows] of Object.entries(refused)) {
      test(`is refused: ${name}`, async () => {
        const ran = await shop.build("FROM evil\nRUN true\n", evil(rows));
        expect(ran.stderr).toMatch(/^error\[layer-invalid\]/m);
        expect(ran.status).toBe(1);
      });
    }

    const LINKS: Readonly<Record<string, (host: string) => string>> = {
      "an absolute symlink": (host) => host,
      "a symlink up and out": (host) => `../../../../../../../../../..${host}`,
      "a symlink to a symlink": () => "second",
    };
    for (const [name, target] of Object.entries(LINKS)) {
      for (const layers of [1, 2]) {
        test(`leads nowhere outside: ${name}, and a file behind it in ${layers === 1 ? "the same layer" : "the next"}`, async () => {
          const { at, untouched } = outside();
          const links = [link("second", at), link("d", target(at))];
          const behind = [file("d/x", "written"), file("d/secret", "overwritten")];
          const options = layers === 1 ? evil([...links, ...behind]) : evil(links, behind);
          await shop.build("FROM evil\nRUN echo more >> /d/x; rm -rf /d/secret /second/*; chmod 777 /d /second/.; true\n", options);
          untouched();
        });
      }
    }

    test("an absolute name is one inside the root, and /etc as a link to the machine is neither read nor written through", async () => {
      const { at, untouched } = outside();
      const out = await builtFiles(
        shop,
        "FROM evil\nRUN mkdir -p /host; cat /pretended/secret > /tmp/read 2>/dev/null; echo mine > /pretended/x; true\n",
        evil([file(`${at}/x`, "inside"), link("pretended", at)]),
      );
      untouched();
      expect(readFileSync(join(out, at, "x"), "utf8")).toBe("mine\n");
      expect(existsSync(join(out, "tmp/read")) ? readFileSync(join(out, "tmp/read"), "utf8") : "").toBe("");
    });
  });

  test("layers over each other replace links and do not follow them; folder, file, folder; whiteouts and opaque folders", async () => {
    const { at, untouched } = outside();
    const out = await builtFiles(
      shop,
      "FROM evil\nRUN ls /flip /o /a > /tmp/seen; ls -d /out >> /tmp/seen 2>&1; test -d /d && test -f /f\n",
      evil(
        [
          link("d", at),
          link("f", `${at}/secret`),
          folder("flip"),
          file("flip/old"),
          folder("o"),
          file("o/low"),
          folder("a"),
          file("a/1"),
          file("a/2"),
          link("out", at),
        ],
        [
          folder("d"),
          file("d/new"),
          file("f", "a file now"),
          file("flip", "for a while"),
          file("o/high"),
          file("o/.wh..wh..opq", ""),
          file("a/.wh.1", ""),
          file(".wh.out", ""),
        ],
        [folder("flip"), file("flip/new")],
      ),
    );
    untouched();
    expect(readFileSync(join(out, "tmp/seen"), "utf8")).toMatch(/^\/a:\n2\n\n\/flip:\nnew\n\n\/o:\nhigh\n/);
    expect(readFileSync(join(out, "f"), "utf8")).toBe("a file now");
  });

  test("names of the overlay's own attributes in a layer mean nothing to it", async () => {
    const { at, untouched } = outside();
    const y = Buffer.from("y");
    const xattrs = (rows: Readonly<Record<string, string>>) => new Map(Object.entries(rows).map(([key, value]) => [key, Buffer.from(value)]));
    const ran = await shop.build(
      'FROM evil\nRUN cat /low/kept && test "$(cat /meta)" = real && ls /low /moved && echo all there\n',
      evil(
        [folder("low"), file("low/kept", "kept\n"), file("real", "real"), folder("etc2")],
        [
          {
            ...folder("low"),
            xattrs: new Map([
              ["user.overlay.opaque", y],
              ["trusted.overlay.opaque", y],
            ]),
          },
          { ...folder("moved"), xattrs: xattrs({ "user.overlay.redirect": "/etc", "trusted.overlay.redirect": "/etc" }) },
          { ...file("meta", "real"), xattrs: xattrs({ "user.overlay.metacopy": "", "user.overlay.redirect": "/etc/passwd", "user.multihull.owner": "4:4" }) },
        ],
      ),
    );
    untouched();
    expect(at).not.toBe("");
    expect(ran.stderr).toContain("all there");
    expect(ran.status, ran.stderr).toBe(0);
  });

  test("a program that forges whiteouts and opaque folders hides nothing of the base", async () => {
    const out = await builtFiles(
      shop,
      // setfattr is seldom there; Node with koffi is in the battery. Here: what a shell can do.
      "FROM base\nRUN mkdir /w && cd /w && : > .wh.passwd && : > .wh..wh..opq && mknod /etc/forged c 0 0 2>/dev/null; mkdir /w/.wh.d; echo done > /tmp/done\nRUN cat /etc/passwd > /tmp/passwd\n",
    ).catch((error: Error) => error);
    // Either the names are refused, in words, or they are what they are: files.
    if (out instanceof Error) expect(out.message).toMatch(/error\[[a-z-]+\].*\.wh\./s);
    else {
      expect(readFileSync(join(out, "tmp/passwd"), "utf8")).toMatch(/^root:/);
      expect(existsSync(join(out, "etc/passwd"))).toBe(true);
    }
  });

  describe("device nodes and special files of a base", () => {
    test("a character device 0/0, a fifo, a socket's name and a node of the disk: unpacking stops at none of them, and nothing opens the disk", async () => {
      const ran = await shop.build(
        "FROM evil\nRUN ls -l /special; dd if=/special/disk of=/dev/null bs=1 count=1 2>/dev/null && echo RE''AD; cat /etc/passwd > /dev/null\n",
        evil([
          folder("special"),
          { path: "special/disk", type: "block", mode: 0o666, device: { major: 254, minor: 0 } },
          { path: "special/memory", type: "char", mode: 0o666, device: { major: 1, minor: 1 } },
          { path: "special/pipe", type: "fifo", mode: 0o666 },
          { path: "etc/passwd2", type: "char", mode: 0o666, device: { major: 0, minor: 0 } },
        ]),
      );
      expect(ran.stderr).not.toContain("READ");
      expect(ran.status, ran.stderr).toBe(0);
    });
  });

  describe("a mount's place or source that is a link", () => {
    const cases: Readonly<Record<string, readonly [layers: (host: string) => readonly Row[], run: string]>> = {
      "bind: the source leads to the machine": [
        (host) => [link("out", host)],
        "RUN --mount=type=bind,from=evil,source=/out,target=/in ls -A /in; cat /in/secret\n",
      ],
      "bind: a file of the source leads to the machine": [
        (host) => [folder("out"), link("out/x", `${host}/secret`)],
        "RUN --mount=type=bind,from=evil,source=/out/x,target=/in cat /in\n",
      ],
      "bind: the target leads to the machine": [(host) => [link("t", host)], "RUN --mount=type=bind,target=/t,rw touch /t/x; rm -rf /t/secret\n"],
      "cache: the target leads to the machine": [(host) => [link("t", host)], "RUN --mount=type=cache,target=/t touch /t/x; rm -rf /t/secret\n"],
      "cache: the seed leads to the machine": [(host) => [link("s", host)], "RUN --mount=type=cache,target=/c,from=evil,source=/s cat /c/secret; touch /c/x\n"],
      "tmpfs: the target leads to the machine": [(host) => [link("t", host)], "RUN --mount=type=tmpfs,target=/t touch /t/x; rm -rf /t/secret\n"],
      "secret: the target leads to the machine": [(host) => [link("t", host)], "RUN --mount=type=secret,id=s,target=/t/secret cat /t/secret\n"],
      "workdir: it leads to the machine": [(host) => [link("t", host)], "WORKDIR /t/below\nRUN pwd; touch x; rm -rf ../secret\n"],
    };
    for (const [name, [rows, run]] of Object.entries(cases)) {
      test(`stays in the image: ${name}`, async () => {
        const { at, untouched } = outside();
        const options = evil(rows(at));
        const ran = await shop.build(`FROM evil\n${run}`, {
          ...options,
          flags: [...(options.flags ?? []), "--secret", "id=s,env=S"],
          env: { S: "the secret" },
        });
        untouched();
        expect(ran.stderr).not.toContain("of the machine");
        expect(ran.stderr).not.toMatch(/\n\s+at |^bug: /m);
      });
    }

    test("a cache folder that one step fills with links is harmless to the next", async () => {
      const { at, untouched } = outside();
      const mount = "--mount=type=cache,id=links,target=/c";
      await shop.build(
        `FROM base\nRUN ${mount} ln -sfn ${at} /c/d; ln -sfn ${at}/secret /c/f\nRUN ${mount} echo x > /c/f; touch /c/d/x; rm -rf /c/d/*; true\n`,
      );
      await shop.build("FROM base\nRUN --mount=type=cache,id=links,target=/c,source=d,uid=7,mode=0777 ls /c; true\n");
      await shop.build("FROM base\nRUN --mount=type=cache,id=links,target=/c/d/e true\n");
      untouched();
    });
  });

  describe("places that we mount upon", () => {
    const stubs: Readonly<Record<string, (host: string) => readonly Row[]>> = {
      "/etc/resolv.conf and /etc/hosts lead to files of the machine": (host) => [link("etc/resolv.conf", `${host}/secret`), link("etc/hosts", `${host}/new`)],
      "/etc leads to the machine": (host) => [{ path: ".wh.etc", content: "" }, link("etc", host)],
      "/proc leads to /etc": () => [{ path: ".wh.proc", content: "" }, link("proc", "/etc")],
      "/sys leads to /tmp": () => [{ path: ".wh.sys", content: "" }, link("sys", "/tmp")],
      "/dev leads to the machine": (host) => [{ path: ".wh.dev", content: "" }, link("dev", host)],
      "/dev/shm and /dev/pts lead to the machine": (host) => [link("dev/shm", host), link("dev/pts", host), link("dev/null", `${host}/secret`)],
      "/proc and /dev are files": () => [{ path: ".wh.proc", content: "" }, { path: ".wh.dev", content: "" }, file("proc"), file("dev")],
      "/etc/resolv.conf is a folder": () => [folder("etc/resolv.conf"), file("etc/resolv.conf/x")],
      "/etc/hosts is a fifo": () => [{ path: "etc/hosts", type: "fifo", mode: 0o666 }],
    };
    for (const [name, rows] of Object.entries(stubs)) {
      test(`are those of the image, and none of them remains: ${name}`, async () => {
        const { at, untouched } = outside();
        const out = join(shop.place(), "out.tar");
        const ran = await shop.build("FROM evil\nRUN : > /tmp/ran\n", { ...evil(rows(at)), output: `type=oci,dest=${out}` });
        untouched();
        expect(ran.stderr).not.toMatch(/\n\s+at |^bug: /m);
        if (ran.status !== 0) {
          // To refuse such an image is right as well, if it is said in words.
          expect(ran.stderr).toMatch(/^error\[(run-failed|layer-invalid|sandbox-unavailable)\]/m);
          return;
        }
        // Where /dev leads is made, inside the image, and stays, as with BuildKit.
        const isWay = (path: string): boolean => name.startsWith("/dev leads") && path !== "tmp/" && `${at}/`.startsWith(`/${path}`);
        expect(namesInLastLayer(out).filter((path) => !isWay(path))).toEqual(["tmp/", "tmp/ran"]);
      });
    }

    test("an image without any of them: folders for /dev, /proc and /sys stay, and nothing else that the program has not made", async () => {
      const root = tarOf([]);
      const from = writeBaseLayout(join(shop.place(), "bare"), { layers: [withoutPlaces(hostRootTar() as Buffer), root] });
      const out = join(shop.place(), "out.tar");
      const ran = await shop.build("FROM bare\nRUN echo hello > /made; ls -d /proc/self /dev/null /sys /etc/hosts /etc/resolv.conf\n", {
        flags: ["--build-context", `bare=${from}`],
        output: `type=oci,dest=${out}`,
      });
      expect(ran.status, ran.stderr).toBe(0);
      // As BuildKit leaves them; the empty files for /etc/hosts and /etc/resolv.conf are gone.
      expect(namesInLastLayer(out)).toEqual(["dev/", "made", "proc/", "sys/"]);
    });
  });

  describe("a USER that is looked up in a hostile passwd", () => {
    const passwds: Readonly<Record<string, (host: string) => Row>> = {
      "a fifo": () => ({ path: "etc/passwd", type: "fifo", mode: 0o666 }),
      "a link to the machine's": () => link("etc/passwd", "/../../../../../../../../etc/shadow"),
      "a link to a file of the machine": (host) => link("etc/passwd", `${host}/secret`),
      "a folder": () => folder("etc/passwd"),
      "a user of uid -1": () => file("etc/passwd", "evil:x:-1:-1::/:/bin/sh\n"),
      "a user of uid 4294967296": () => file("etc/passwd", "evil:x:4294967296:0::/:/bin/sh\n"),
      "a user of uid 4294967295": () => file("etc/passwd", "evil:x:4294967295:0::/:/bin/sh\n"),
      "a line without end": () => file("etc/passwd", `evil:x:${"9".repeat(3_000_000)}`),
    };
    for (const [name, row] of Object.entries(passwds)) {
      test(`ends in words, and never as root: ${name}`, async () => {
        const { at, untouched } = outside();
        const ran = await shop.build("FROM evil\nUSER evil\nRUN id -u\n", evil([{ path: "etc/.wh.passwd", content: "" }], [row(at)]));
        untouched();
        expect(ran.status).toBe(1);
        expect(ran.stderr).toMatch(/^error\[[a-z-]+\]/m);
        expect(ran.stderr).not.toMatch(/\n\s+at |^bug: /m);
      });
    }
  });

  test("a stage that was changed by RUN leads COPY --from nowhere on the machine", async () => {
    const { at, untouched } = outside();
    const out = await builtFiles(
      shop,
      `FROM base AS one\nRUN ln -s ${at} /out && mkdir /o && ln -s ${at}/secret /o/x && ln -s ../../../../../../../..${at} /up\nFROM base\nCOPY --from=one /o /o\nRUN mkdir -p ${at} && echo own > ${at}/secret\nCOPY --from=one /o/ /o2/\n`,
    );
    untouched();
    expect(lstatSync(join(out, "o/x")).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(out, "o/x"))).toBe(`${at}/secret`);
    const through = await shop.build(`FROM base AS one\nRUN ln -s ${at} /out\nFROM base\nCOPY --from=one /out/secret /s\n`);
    expect(through.status).toBe(1);
    untouched();
  });
});

/** Names in the last layer of an OCI archive with one image, as tar shows them. */
function namesInLastLayer(archive: string): string[] {
  const read = (path: string): Buffer => execFileSync("tar", ["-xOf", archive, path], { maxBuffer: 1 << 28 });
  const blob = (digest: string): Buffer => read(`blobs/${digest.replace(":", "/")}`);
  const index = JSON.parse(read("index.json").toString());
  const manifest = JSON.parse(blob(index.manifests[0].digest).toString());
  const layer = blob(manifest.layers.at(-1).digest);
  return execFileSync("tar", ["-tzf", "-"], { input: layer, encoding: "utf8" }).trim().split("\n");
}

/** The root without the folders that are mounted upon. */
function withoutPlaces(tar: Buffer): Buffer {
  const rest: Buffer[] = [];
  for (let at = 0; at + 512 <= tar.length; ) {
    const header = tar.subarray(at, at + 512);
    const name = header.subarray(0, 100).toString("latin1").replace(/\0.*/s, "");
    const size = Number.parseInt(header.subarray(124, 136).toString("latin1"), 8) || 0;
    const end = at + 512 + Math.ceil(size / 512) * 512;
    if (!/^(proc|sys|dev|tmp|var)\//.test(name)) rest.push(tar.subarray(at, end));
    at = end;
  }
  return Buffer.concat(rest);
}
