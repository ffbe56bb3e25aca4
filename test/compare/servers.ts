import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DECLARED_TIME, SERVED } from "./case.ts";
import { contentOf, writeRepository } from "./context.ts";

/** Fixed, because the addresses stand in histories that are compared and kept. */
const HTTP_PORT = 5098;
const GIT_PORT = 5099;

export const HTTP_ADDRESS = `http://127.0.0.1:${HTTP_PORT}`;
export const GIT_ADDRESS = `git://127.0.0.1:${GIT_PORT}`;

/** What the repository `repo.git` holds in its one commit. */
const REPOSITORY = { README: "of the repository\n", "sub/run.sh": { content: "#!/bin/sh\n", mode: 0o755 }, "sub/link": { link: "../README" } };

/** Starts a web server for {@link SERVED} and a git server for one repository, both on loopback. */
export async function startServers(): Promise<{ readonly stop: () => Promise<void> }> {
  const bodies = new Map<string, Buffer>();
  for (const [path, file] of Object.entries(SERVED)) bodies.set(`/${path}`, await contentOf(file));
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", HTTP_ADDRESS).pathname);
    if (path === "/redirected") return void response.writeHead(302, { location: "/plain.txt" }).end();
    const body = bodies.get(path === "/named" ? "/plain.txt" : path);
    if (body === undefined) return void response.writeHead(404).end("no such file");
    response.writeHead(200, {
      "content-length": body.length,
      "last-modified": new Date(DECLARED_TIME * 1000).toUTCString(),
      ...(path === "/named" ? { "content-disposition": 'attachment; filename="from-header.txt"' } : {}),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  await new Promise<void>((done, fail) => server.once("error", fail).listen(HTTP_PORT, "127.0.0.1", done));

  const folder = mkdtempSync(join(tmpdir(), "multihull-git-"));
  await writeRepository(join(folder, "repo.git"), REPOSITORY);
  const git = spawn(
    join(execFileSync("git", ["--exec-path"], { encoding: "utf8" }).trim(), "git-daemon"),
    ["--listen=127.0.0.1", `--port=${GIT_PORT}`, `--base-path=${folder}`, "--export-all", "--reuseaddr", folder],
    { stdio: "ignore" },
  );
  await untilListening(GIT_PORT);
  return {
    stop: async () => {
      git.kill();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise<boolean>((answer) => {
      const socket = connect(port, "127.0.0.1");
      socket
        .once("connect", () => {
          socket.destroy();
          answer(true);
        })
        .once("error", () => answer(false));
    });
    if (open) return;
    await new Promise((next) => setTimeout(next, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}
