import { describe, expect, test } from "vitest";
import type { MadeFile, MadePlatform } from "../../../test/harness/made-image-spec.ts";
import { readMade } from "../../../test/harness/made-image-subject.ts";
import type { PlatformImage } from "../subject.ts";
import { startLine, startsOf } from "./starts.ts";

const elf: MadeFile = { elf: { machine: "amd64" }, mode: 0o755 };
const script = (line: string, mode = 0o755): MadeFile => ({ text: `#!${line}\necho\n`, mode });
/** A system as small as it can be. */
const SYSTEM: Readonly<Record<string, MadeFile>> = {
  "usr/bin/dash": elf,
  "usr/bin/sh": { link: "dash" },
  "usr/bin/env": elf,
  bin: { link: "usr/bin" },
  "sbin/tini": elf,
  "etc/passwd": "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/app:/bin/sh\n",
  "etc/group": "root:x:0:\napp:x:1000:\nstaff:x:50:app\n",
};

async function imageOf(files: Readonly<Record<string, MadeFile>>, config: MadePlatform["config"], platform = "linux/amd64"): Promise<PlatformImage> {
  const { images } = await readMade({ platforms: { [platform]: { config: config ?? {}, layers: [{ files }] } } });
  return images[0] as PlatformImage;
}

/** `entrypoint /usr/bin/app binary`; `?` behind what is not certain; the name that is asked for where nothing is found. */
const shown = (image: PlatformImage): readonly string[] =>
  startsOf(image).map(({ role, path, asked, what, certain }) => `${role} ${path ?? `"${asked}"`} ${what.kind}${certain ? "" : "?"}`);

interface Case {
  readonly config: Readonly<Record<string, unknown>>;
  readonly files?: Readonly<Record<string, MadeFile>>;
  readonly starts: readonly string[];
}

const found: Readonly<Record<string, Case>> = {
  "a path": { config: { Entrypoint: ["/app"] }, files: { app: elf }, starts: ["entrypoint /app binary"] },
  "a name, by the usual PATH": { config: { Cmd: ["app"] }, files: { "usr/local/bin/app": elf }, starts: ["command /usr/local/bin/app binary"] },
  "PATH's first folder wins": {
    config: { Cmd: ["app"], Env: ["PATH=/b:/a"] },
    files: { "a/app": elf, "b/app": elf },
    starts: ["command /b/app binary"],
  },
  "a folder and a file without right are passed over": {
    config: { Cmd: ["app"], Env: ["PATH=/a:/b:/c"] },
    files: { "a/app": { folder: true }, "b/app": { text: "x", mode: 0o644 }, "c/app": elf },
    starts: ["command /c/app binary"],
  },
  "a name outside PATH": { config: { Cmd: ["app"], Env: ["PATH=/bin"] }, files: { "opt/app": elf }, starts: [`command "app" missing`] },
  "ENTRYPOINT with CMD as its arguments": { config: { Entrypoint: ["/app"], Cmd: ["serve"] }, files: { app: elf }, starts: ["entrypoint /app binary"] },
  "an empty ENTRYPOINT is none": { config: { Entrypoint: [""], Cmd: ["/app"] }, files: { app: elf }, starts: ["command /app binary"] },
  "nothing at all": { config: {}, starts: [] },
  "links, absolute and relative, in the middle and at the end": {
    config: { Entrypoint: ["/opt/current/bin/app"] },
    files: { "opt/current": { link: "v2" }, "opt/v2/bin/app": { link: "/srv/app" }, "srv/app": elf },
    starts: ["entrypoint /srv/app binary"],
  },
  "a link to nowhere": { config: { Entrypoint: ["/app"] }, files: { app: { link: "/gone" } }, starts: [`entrypoint "/app" missing`] },
  "links in a circle": { config: { Entrypoint: ["/app"] }, files: { app: { link: "b" }, b: { link: "app" } }, starts: [`entrypoint "/app" missing`] },
  "a relative path begins in WorkingDir": {
    config: { Entrypoint: ["./app"], WorkingDir: "/srv/" },
    files: { "srv/app": elf },
    starts: ["entrypoint /srv/app binary"],
  },
  "a relative path without WorkingDir begins at the root": { config: { Entrypoint: ["bin/dash"] }, starts: ["entrypoint /usr/bin/dash binary"] },
  "a name that is in WorkingDir only": { config: { Entrypoint: ["app"], WorkingDir: "/srv" }, files: { "srv/app": elf }, starts: [`entrypoint "app" missing`] },
  "a folder": { config: { Entrypoint: ["/srv"] }, files: { "srv/app": elf }, starts: ["entrypoint /srv folder"] },
  "no right": { config: { Entrypoint: ["/app"] }, files: { app: { text: "#!/bin/sh", mode: 0o644 } }, starts: ["entrypoint /app not-executable"] },
  "no right, in PATH": {
    config: { Entrypoint: ["app"] },
    files: { "usr/bin/app": { text: "x", mode: 0o600 } },
    starts: ["entrypoint /usr/bin/app not-executable"],
  },
  "a text without a first line": { config: { Entrypoint: ["/app"] }, files: { app: { text: "echo", mode: 0o755 } }, starts: ["entrypoint /app data"] },
  "below a volume": { config: { Entrypoint: ["/data/app"], Volumes: { "/data": {} } }, starts: [`entrypoint "/data/app" missing?`] },
  "what is there at run time": { config: { Entrypoint: ["/proc/self/exe"] }, starts: [`entrypoint "/proc/self/exe" unknown?`] },
  "a script": {
    config: { Entrypoint: ["/start.sh"] },
    files: { "start.sh": script("/bin/sh -e") },
    starts: ["entrypoint /start.sh script", "interpreter /usr/bin/dash binary"],
  },
  "a script by env": {
    config: { Entrypoint: ["/start"] },
    files: { start: script("/usr/bin/env python3"), "usr/bin/python3": elf },
    starts: ["entrypoint /start script", "interpreter /usr/bin/env binary", "wrapped /usr/bin/python3 binary"],
  },
  "env takes one argument for one name": {
    config: { Entrypoint: ["/start"] },
    files: { start: script("/usr/bin/env node --flag"), "usr/bin/node": elf },
    starts: ["entrypoint /start script", "interpreter /usr/bin/env binary", `wrapped "node --flag" missing`],
  },
  "env -S splits it": {
    config: { Entrypoint: ["/start"] },
    files: { start: script("/usr/bin/env -S node --flag"), "usr/bin/node": elf },
    starts: ["entrypoint /start script", "interpreter /usr/bin/env binary", "wrapped /usr/bin/node binary"],
  },
  "a script with a carriage return": {
    config: { Entrypoint: ["/start"] },
    files: { start: script("/bin/sh\r") },
    starts: ["entrypoint /start script", `interpreter "/bin/sh\r" missing`],
  },
  "an interpreter that is a script": {
    config: { Entrypoint: ["/a"] },
    files: { a: script("/b"), b: script("/bin/sh") },
    starts: ["entrypoint /a script", "interpreter /b script", "interpreter /usr/bin/dash binary"],
  },
  "an interpreter is not looked for in PATH": {
    config: { Entrypoint: ["/a"] },
    files: { a: script("sh") },
    starts: ["entrypoint /a script", `interpreter "sh" missing`],
  },
  "the shell form": {
    config: { Cmd: ["/bin/sh", "-c", "app --x"] },
    files: { "usr/bin/app": elf },
    starts: ["command /usr/bin/dash binary", "wrapped /usr/bin/app binary"],
  },
  "exec in the shell form": {
    config: { Cmd: ["sh", "-ec", "exec app"] },
    files: { "usr/bin/app": elf },
    starts: ["command /usr/bin/dash binary", "wrapped /usr/bin/app binary"],
  },
  "cd, then a relative path": {
    config: { Cmd: ["sh", "-c", "cd /srv && ./app"] },
    files: { "srv/app": elf },
    starts: ["command /usr/bin/dash binary", "wrapped /srv/app binary"],
  },
  "what comes behind a program may not run": {
    config: { Cmd: ["sh", "-c", "migrate && app"] },
    files: { "usr/bin/migrate": elf, "usr/bin/app": elf },
    starts: ["command /usr/bin/dash binary", "wrapped /usr/bin/migrate binary", "wrapped /usr/bin/app binary?"],
  },
  "a variable of the image": {
    config: { Cmd: ["sh", "-c", `exec "$PROGRAM"`], Env: ["PROGRAM=/srv/app"] },
    files: { "srv/app": elf },
    starts: ["command /usr/bin/dash binary", "wrapped /srv/app binary?"],
  },
  "a variable that the image does not tell": { config: { Cmd: ["sh", "-c", "$PROGRAM --x"] }, starts: ["command /usr/bin/dash binary"] },
  "arguments of a shell's line": {
    config: { Entrypoint: ["sh", "-c", 'exec "$@"', "--"], Cmd: ["/srv/app"] },
    files: { "srv/app": elf },
    starts: ["entrypoint /usr/bin/dash binary", "wrapped /srv/app binary"],
  },
  "a question before it": { config: { Cmd: ["sh", "-c", "test -f /x && gone"] }, starts: ["command /usr/bin/dash binary", `wrapped "gone" missing?`] },
  "a compound is not followed": { config: { Cmd: ["sh", "-c", "if true; then gone; fi"] }, starts: ["command /usr/bin/dash binary"] },
  "PATH that the line sets": {
    config: { Cmd: ["sh", "-c", "export PATH=/x:$PATH; gone"] },
    starts: ["command /usr/bin/dash binary", `wrapped "gone" unknown?`],
  },
  "a login shell sets PATH": { config: { Cmd: ["sh", "-lc", "gone"] }, starts: ["command /usr/bin/dash binary", `wrapped "gone" unknown?`] },
  "a busybox shell has applets without files": {
    config: { Cmd: ["/sh", "-c", "gone"] },
    files: { sh: { link: "/usr/bin/busybox" }, "usr/bin/busybox": elf },
    starts: ["command /usr/bin/busybox binary", `wrapped "gone" unknown?`],
  },
  "an applet of busybox by name": {
    config: { Cmd: ["busybox", "env", "-u", "A", "B=1", "app"] },
    files: { "usr/bin/busybox": elf, "usr/bin/app": elf },
    starts: ["command /usr/bin/busybox binary", "wrapped /usr/bin/app binary"],
  },
  "tini, then a script with CMD": {
    config: { Entrypoint: ["/sbin/tini", "-e", "143", "--", "/start.sh"], Cmd: ["app", "serve"] },
    files: { "start.sh": script("/bin/sh"), "usr/bin/app": elf },
    starts: ["entrypoint /sbin/tini binary", "wrapped /start.sh script", "interpreter /usr/bin/dash binary", "argument /usr/bin/app binary?"],
  },
  "CMD that is no program is the script's affair": {
    config: { Entrypoint: ["/start.sh"], Cmd: ["serve"] },
    files: { "start.sh": script("/bin/sh") },
    starts: ["entrypoint /start.sh script", "interpreter /usr/bin/dash binary"],
  },
  "as a user without the right": {
    config: { Entrypoint: ["/app"], User: "app" },
    files: { app: { elf: { machine: "amd64" }, mode: 0o700 } },
    starts: ["entrypoint /app not-permitted"],
  },
  "as its owner": {
    config: { Entrypoint: ["/app"], User: "1000" },
    files: { app: { elf: { machine: "amd64" }, mode: 0o700, uid: 1000 } },
    starts: ["entrypoint /app binary"],
  },
  "as one of a group that /etc/group tells": {
    config: { Entrypoint: ["/app"], User: "app" },
    files: { app: { elf: { machine: "amd64" }, mode: 0o750, gid: 50 } },
    starts: ["entrypoint /app binary"],
  },
  "in a folder that may not be entered": {
    config: { Entrypoint: ["/srv/app"], User: "app" },
    files: { srv: { folder: true, mode: 0o700 }, "srv/app": elf },
    starts: ["entrypoint /srv/app not-permitted"],
  },
  "a health check as a list": { config: { Healthcheck: { Test: ["CMD", "curl", "-f"] } }, starts: [`healthcheck "curl" missing`] },
  "a health check as a line": {
    config: { Healthcheck: { Test: ["CMD-SHELL", "curl || exit 1"] } },
    starts: ["healthcheck /usr/bin/dash binary", `wrapped "curl" missing`],
  },
  "no health check": { config: { Healthcheck: { Test: ["NONE"] } }, starts: [] },
};

describe("startsOf", () => {
  for (const [name, { config, files = {}, starts }] of Object.entries(found)) {
    test(name, async () => {
      expect(shown(await imageOf({ ...SYSTEM, ...files }, config))).toEqual(starts);
    });
  }

  test("tells how each was found", async () => {
    const image = await imageOf({ ...SYSTEM, "opt/app": elf, "usr/bin/app": { link: "../../opt/app" } }, { Entrypoint: ["tini", "app"] });
    expect(startsOf(image).map(({ steps }) => steps)).toEqual([
      ['ENTRYPOINT names "tini"', "PATH leads to /sbin/tini"],
      ['/sbin/tini names "app"', "PATH leads to /usr/bin/app", '/usr/bin/app is a symbolic link to "../../opt/app"'],
    ]);
  });

  const interpreted: Readonly<Record<string, { words: readonly string[]; file: string | undefined }>> = {
    "java -jar": { words: ["java", "-Xmx1g", "-cp", "x", "-jar", "/app.jar"], file: "/app.jar there" },
    "a jar that is not there": { words: ["java", "-jar", "/gone.jar"], file: "/gone.jar missing" },
    "a relative path": { words: ["python3", "-u", "main.py"], file: "/srv/main.py there" },
    "an ending that node adds": { words: ["node", "--enable-source-maps=1", "server"], file: "/srv/server there" },
    "an option that may take the next word": { words: ["node", "--title", "server", "gone.js"], file: undefined },
    "a module": { words: ["python3", "-m", "http.server"], file: undefined },
    "code in the line": { words: ["node", "-e", "1"], file: undefined },
    "a class": { words: ["java", "-cp", "x", "Main"], file: undefined },
    "no file": { words: ["python3"], file: undefined },
  };
  for (const [name, { words, file }] of Object.entries(interpreted)) {
    test(`the file of an interpreter: ${name}`, async () => {
      const programs = Object.fromEntries(["java", "python3", "node"].map((one) => [`usr/bin/${one}`, elf]));
      const image = await imageOf({ ...programs, "app.jar": "PK", "srv/main.py": "1", "srv/server.js": "1" }, { Cmd: words, WorkingDir: "/srv" });
      const of = startsOf(image)[0]?.file;
      expect(of === undefined ? undefined : `${of.path} ${of.exists ? "there" : "missing"}`).toBe(file);
    });
  }

  test("Windows: letters' case does not count, .exe may be left out, cmd /S /C is looked through", async () => {
    const pe: MadeFile = { pe: { machine: "amd64" } };
    const image = await imageOf(
      { "Files/Windows/System32/cmd.exe": pe, "Files/App/Server.exe": pe },
      { Entrypoint: ["cmd", "/S", "/C", "c:\\app\\server --x"] },
      "windows/amd64",
    );
    expect(shown(image)).toEqual(["entrypoint /Files/Windows/System32/cmd.exe binary", "wrapped /Files/App/Server.exe binary?"]);
  });

  test.each([
    ["wrappers without end", Array.from({ length: 1000 }, () => "env")],
    ["programs without end in a line", ["sh", "-c", "env;".repeat(1000)]],
  ])("%s are not followed without end", async (_, words) => {
    expect(startsOf(await imageOf(SYSTEM, { Cmd: words })).length).toBeLessThanOrEqual(40);
  });

  test("nothing is known of an image without files", async () => {
    const image = await imageOf({ app: elf }, { Cmd: ["/app"] });
    expect(startsOf({ ...image, files: undefined })).toEqual([]);
  });
});

describe("startLine", () => {
  test("names the command and what it comes to", async () => {
    expect(startLine(await imageOf({ ...SYSTEM, app: elf }, { Entrypoint: ["/bin/sh", "-c", "/app"] }))).toBe(
      "/bin/sh -c /app: /usr/bin/dash (ELF amd64), /app (ELF amd64)",
    );
  });
  test("names a command that is a path once", async () => {
    expect(startLine(await imageOf({ app: elf }, { Entrypoint: ["/app"] }))).toBe("/app (ELF amd64)");
    expect(startLine(await imageOf({ ...SYSTEM, app: elf, run: { text: "#!/app\n", mode: 0o755 } }, { Entrypoint: ["/run"] }))).toBe("/run, /app (ELF amd64)");
    expect(startLine(await imageOf({ app: elf }, { Entrypoint: ["/app"], Cmd: ["serve"] }))).toBe("/app serve: /app (ELF amd64)");
  });
  test("names a program that starts another by its own file once", async () => {
    const image = await imageOf({ busybox: elf, sh: { link: "busybox" }, cat: { link: "busybox" } }, { Entrypoint: ["/sh", "-c", "/cat /x"] });
    expect(startLine(image)).toBe("/sh -c /cat /x: /busybox (ELF amd64)");
  });
  test("is none without a command", async () => {
    expect(startLine(await imageOf({}, {}))).toBeUndefined();
  });
});
