import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { sandboxSuite, type Workshop, workshop } from "../harness/sandbox-build.ts";
import { lastingLeftovers } from "../harness/sandbox-leftovers.ts";

/** Files below a folder whose bytes, as they are or uncompressed, hold one of these texts. */
function filesWith(folder: string, texts: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      // Bases of the test's own, without any secret.
      if (statSync(path).size > 50_000_000) return false;
      const bytes = readFileSync(path);
      const forms = [bytes, ...(bytes[0] === 0x1f && bytes[1] === 0x8b ? [gunzipSync(bytes)] : [])];
      return forms.some((form) => texts.some((text) => form.includes(text)));
    });
}

/** Command lines and environments of all processes that can be read, but for one. */
function processesBut(pid: number | undefined): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(pid) && name !== String(process.pid))
    .flatMap((name) => ["cmdline", "environ"].map((file) => readable(`/proc/${name}/${file}`)))
    .join("\n");
}

function readable(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

sandboxSuite("a secret of a build with RUN", () => {
  let shop: Workshop;
  const secret = `secret-${randomBytes(12).toString("hex")}`;
  const traces = [secret, Buffer.from(secret).toString("base64").replace(/=+$/, ""), createHash("sha256").update(secret).digest("hex")];
  beforeAll(() => {
    shop = workshop({ node: true });
  });
  afterAll(() => shop.remove());

  const uses =
    "FROM base\nRUN --mount=type=secret,id=token test -s /run/secrets/token && stat -c %a:%u:%g /run/secrets/token > /mode && wc -c < /run/secrets/token > /length\n";

  describe.each([
    ["a file", (file: string) => ["--secret", `id=token,src=${file}`], {}],
    ["a variable", () => ["--secret", "id=token,env=TOKEN_OF_TEST"], { TOKEN_OF_TEST: secret }],
  ] as const)("from %s", (_, flags, env) => {
    test("is seen by the step that asks for it, and is afterwards in no layer, history, config, log, record or key", async () => {
      const place = shop.place();
      const file = join(place, "token");
      writeFileSync(file, secret);
      const store = shop.place();
      const out = join(place, "out");
      const ran = await shop.build(`${uses}RUN test ! -e /run/secrets/token\nRUN ! env | grep -i secret\n`, {
        store,
        env,
        flags: [...flags(file), "--metadata-file", join(place, "metadata.json")],
        output: `type=oci,dest=${out},tar=false`,
      });
      expect(ran.status, ran.stderr).toBe(0);
      for (const text of traces) expect(ran.stdout + ran.stderr).not.toContain(text);
      expect(filesWith(store, traces)).toEqual([]);
      expect(filesWith(out, traces)).toEqual([]);
      expect(readFileSync(join(place, "metadata.json"), "utf8")).not.toContain(secret);
    });
  });

  test("is in no list of processes while its step runs, and on no disk", async () => {
    const place = shop.place();
    writeFileSync(join(place, "token"), secret);
    const store = shop.place();
    const child = shop.start("FROM base\nRUN --mount=type=secret,id=token cat /run/secrets/token > /dev/null; echo it-is-open; sleep 86400\n", {
      store,
      flags: ["--secret", `id=token,src=${join(place, "token")}`],
    });
    let said = "";
    const open = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream?.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          // The command itself is shown as well.
          if (/ it-is-open\n/.test(said)) resolve();
        });
      child.once("exit", () => reject(new Error(said)));
    });
    const ended = once(child, "exit");
    try {
      await open;
      expect(processesBut(undefined)).not.toContain(secret);
      expect(filesWith(store, traces)).toEqual([]);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
    expect(await lastingLeftovers(store)).toEqual([]);
    expect(filesWith(store, traces)).toEqual([]);
  });

  test("given as a variable of the program is in that program alone", async () => {
    const store = shop.place();
    const ran = await shop.build(
      'FROM base\nRUN --mount=type=secret,id=token,env=MINE test -n "$MINE" && test ! -e /run/secrets/token\nRUN test -z "$MINE"\n',
      {
        store,
        env: { TOKEN_OF_TEST: secret },
        flags: ["--secret", "id=token,env=TOKEN_OF_TEST"],
      },
    );
    expect(ran.status, ran.stderr).toBe(0);
    expect(filesWith(store, traces)).toEqual([]);
  });

  test("that is required and not given is told before anything runs; one that is not required is absent", async () => {
    const store = shop.place();
    const required = await shop.build("FROM base\nRUN echo ran-first\nRUN --mount=type=secret,id=token,required=true true\n", { store });
    expect(required.status).toBe(1);
    expect(required.stderr).toMatch(/^error\[secret-missing\].*"token"/m);
    const optional = await shop.build("FROM base\nRUN --mount=type=secret,id=token test ! -e /run/secrets/token\n", { store });
    expect(optional.status, optional.stderr).toBe(0);
  });

  test("of a registry is out of a program's reach: environment, home, processes, files", async () => {
    const config = shop.place();
    writeFileSync(join(config, "config.json"), JSON.stringify({ auths: { "registry.example": { auth: Buffer.from(`user:${secret}`).toString("base64") } } }));
    const look = [
      `grep -rsl ${secret.slice(0, 20)} /root /home /tmp /etc /run /var 2>/dev/null`,
      "cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'",
      "ls -d /root/.d* ~/.d* /proc/1/root/* 2>/dev/null",
      "env",
    ].join("; ");
    const ran = await shop.build(`FROM base\nRUN (${look}) > /tmp/found; cat /tmp/found; true\n`, {
      env: { DOCKER_CONFIG: config, REGISTRY_PASSWORD: secret, GITHUB_TOKEN: secret },
    });
    expect(ran.status, ran.stderr).toBe(0);
    // What the step itself says of its command is its own.
    const said = ran.stderr
      .split("\n")
      .filter((line) => !line.includes("RUN "))
      .join("\n");
    expect(said).not.toContain(secret);
    expect(said).not.toContain("GITHUB_TOKEN");
    expect(said).not.toMatch(/\.docker|of the builder/);
  });

  test("agent of --ssh lists keys and signs for a program, and does nothing else", async () => {
    const place = shop.place();
    const socket = join(place, "agent");
    const asked: number[] = [];
    const server = createServer((connection) => {
      connection.on("data", (bytes: Buffer) => {
        asked.push(bytes[4] as number);
        // SSH_AGENT_IDENTITIES_ANSWER without keys.
        connection.write(Buffer.from([0, 0, 0, 5, 12, 0, 0, 0, 0]));
      });
    });
    await once(server.listen(socket), "listening");
    onTestFinished(() => void server.close());
    mkdirSync(join(place, "context"));
    writeFileSync(
      join(place, "context/ask.cjs"),
      `const net = require("node:net");
       const ask = (message) => new Promise((resolve) => {
         const socket = net.connect(process.env.SSH_AUTH_SOCK);
         socket.on("data", (bytes) => { resolve(bytes[4]); socket.destroy(); });
         socket.on("error", (error) => resolve(error.code)).on("close", () => resolve("closed"));
         const length = Buffer.alloc(4); length.writeUInt32BE(message.length);
         socket.write(Buffer.concat([length, Buffer.from(message)]));
       });
       (async () => {
         // list, then: add, remove one, remove all, lock, add a smartcard, extension
         const answers = [];
         for (const message of [[11], [17, 0], [18, 0, 0, 0, 0], [19], [22, 0, 0, 0, 0], [20, 0], [27, 0]]) answers.push(await ask(message));
         console.log("answers:", answers.join(" "));
       })();`,
    );
    const ran = await shop.build('FROM node\nCOPY ask.cjs /\nRUN --mount=type=ssh node /ask.cjs\nRUN test -z "$SSH_AUTH_SOCK"\n', {
      context: join(place, "context"),
      flags: ["--ssh", `default=${socket}`],
    });
    expect(ran.status, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/answers: 12( (5|closed)){6}\n/);
    expect(asked).toEqual([11]);
  });
});
