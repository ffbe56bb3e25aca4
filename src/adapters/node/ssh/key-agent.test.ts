import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "../../../core/problem.ts";
import { startKeyAgent } from "./key-agent.ts";
import { isSocket, readKeyFile } from "./key-file.ts";
import { serveAgent } from "./serve-agent.ts";

const lacking = ["ssh-agent", "ssh-add", "ssh-keygen", "sh", "cat"].filter((program) => spawnSync(program, ["-?"], { stdio: "ignore" }).error !== undefined);
const why = lacking.length === 0 ? "" : ` (skipped: no ${lacking.join(", ")})`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "multihull-keys-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function key(name: string, ...args: string[]): string {
  const path = join(folder, name);
  if (!existsSync(path)) execFileSync("ssh-keygen", ["-q", "-f", path, "-C", name, ...(args.includes("-N") ? [] : ["-N", ""]), ...args]);
  return path;
}
const ofFile = (path: string) => ({ path, content: readKeyFile(path, "--ssh x") });
/** With a socket's agent, apart from this thread: it may be us who serve it. */
function ask(program: string, args: readonly string[], socket: string): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((done) => {
    const child = spawn(program, args, { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    child.once("close", (code) => done({ code, output }));
  });
}

describe.skipIf(lacking.length > 0)(`keys in OpenSSH's agent${why}`, () => {
  test("can be listed and used through what we serve, and not changed", async () => {
    const path = key("ed25519", "-t", "ed25519");
    const agent = await startKeyAgent([ofFile(path), ofFile(key("rsa", "-t", "rsa", "-b", "2048", "-m", "PEM"))], process.env);
    const socket = join(folder, "served");
    const served = await serveAgent(socket, agent.socket);
    try {
      const listed = await ask("ssh-add", ["-l"], socket);
      expect(
        listed.output
          .trim()
          .split("\n")
          .map((line) => line.split(" ").at(-1)),
      ).toEqual(["(ED25519)", "(RSA)"]);

      const file = join(folder, "text");
      writeFileSync(file, "signed");
      const signed = await ask("ssh-keygen", ["-Y", "sign", "-U", "-n", "test", "-f", `${path}.pub`, file], socket);
      expect(signed.code, signed.output).toBe(0);
      writeFileSync(join(folder, "signers"), `me ${readFileSync(`${path}.pub`, "utf8")}`);
      const args = ["-Y", "verify", "-f", join(folder, "signers"), "-I", "me", "-n", "test", "-s", `${file}.sig`];
      expect(spawnSync("ssh-keygen", args, { input: "signed" }).status).toBe(0);

      for (const change of [["-D"], ["-d", path], [key("more", "-t", "ed25519")]])
        expect((await ask("ssh-add", change, socket)).code, change.join(" ")).not.toBe(0);
      expect((await ask("ssh-add", ["-l"], agent.socket)).output.trim().split("\n")).toHaveLength(2);
    } finally {
      await served.close();
      await agent.close();
    }
    expect(existsSync(agent.socket)).toBe(false);
  });

  test("that want a passphrase are refused, and nothing of them is told", () => {
    for (const [name, ...args] of [
      ["locked", "-t", "ed25519"],
      ["locked-pem", "-t", "rsa", "-b", "2048", "-m", "PEM"],
      ["locked-pkcs8", "-t", "rsa", "-b", "2048", "-m", "PKCS8"],
    ]) {
      const path = key(name as string, ...args, "-N", "passphrase");
      const failure = caught(() => readKeyFile(path, "--ssh x"));
      expect(isProblem(failure, "secret-missing") && failure.message, name).toBe(
        `--ssh x: the key "${path}" is protected by a passphrase, and nobody can be asked for it`,
      );
    }
  });

  test("that are none leave no agent behind", async () => {
    const content = Buffer.from("-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n");
    const failure = await startKeyAgent([{ path: "bad", content }], process.env).catch((error: unknown) => error);
    expect(isProblem(failure, "secret-missing") && failure.message).toMatch(/^ssh-add does not take the key "bad" \(status \d+\)$/);
  });
});

test("without OpenSSH key files are no use, and sockets are", async () => {
  const failure = await startKeyAgent([], { PATH: folder }).catch((error: unknown) => error);
  expect(isProblem(failure, "secret-missing") && failure.hint).toBe("install openssh-client, or give the socket of an agent");
});

test("what is no private key is refused without its content", () => {
  const path = join(folder, "notes");
  writeFileSync(path, "my password is hunter2");
  expect(isSocket(path, "--ssh x")).toBe(false);
  const failure = caught(() => readKeyFile(path, "--ssh x"));
  expect(isProblem(failure, "secret-missing") && failure.message).toBe(`--ssh x: "${path}" is neither a socket nor a private key`);
  expect(caught(() => isSocket(join(folder, "none"), "--ssh x"))).toMatchObject({ message: `--ssh x: there is no "${join(folder, "none")}"` });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
