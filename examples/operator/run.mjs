// `npm start`: tells why the example's release will fail and what mends it, then builds its image for two platforms with the
// embedded engine, pushes it to the embedded registry, reads it back and proves what is inside; and shows how the same image with a foreign
// program in it is caught. Every step is a command that you can type yourself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writePrograms } from "./make-programs.mjs";

const here = import.meta.dirname;
const multihull = join(here, "../../bin/multihull");
const store = mkdtempSync(join(tmpdir(), "multihull-example-"));
const running = new Set();

function start(args, stdio) {
  const child = spawn(process.execPath, [multihull, ...args], { cwd: here, stdio, env: { ...process.env, MULTIHULL_STORE: store } });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

const say = (text) => console.log(`\n# ${text}`);

async function run(...args) {
  await runTo(0, ...args);
}

/** Runs a command that is to end with this status. */
async function runTo(wanted, ...args) {
  console.log(`\n$ multihull ${args.join(" ")}`);
  const [status] = await once(start(args, "inherit"), "exit");
  if (status !== wanted) throw new Error(`multihull ${args[0]} ended with status ${status}, not ${wanted}`);
}

/** Starts the embedded registry on a free port and resolves to its host and port. */
async function serve() {
  const child = start(["registry", "serve", "--listen", "127.0.0.1:0", "--quiet"], ["ignore", "inherit", "pipe"]);
  child.stderr.setEncoding("utf8");
  let said = "";
  for await (const chunk of child.stderr) {
    said += chunk;
    const match = /^registry at http:\/\/(\S+)$/m.exec(said);
    if (match !== null) {
      child.stderr.resume();
      return match[1];
    }
  }
  throw new Error(`the registry did not start: ${said}`);
}

/** What doctor and fix end with where something is wrong with the files as they are. */
const FOUND = 1;

try {
  say("The workflow of this example releases an image for two platforms, and has a mistake. doctor finds it without running anything,");
  console.log("# tells what the log will say, and ends with status 1.");
  await runTo(FOUND, "doctor");
  say("There are two ways out. fix shows each as a diff, once it has proven that the mistake is gone; --write would write it.");
  await runTo(FOUND, "fix", "--with", "buildx");
  await runTo(FOUND, "fix", "--with", "containerd");
  say("The same image, built for both platforms here and now: without Docker, a builder or an emulator.");
  writePrograms(here);
  console.log("\n$ multihull registry serve --listen 127.0.0.1:0");
  const registry = await serve();
  console.log(`registry at http://${registry}`);
  const image = `${registry}/example/operator:v1`;
  const platforms = ["--platform", "linux/amd64,linux/arm64"];
  await run("plan", "-f", "Dockerfile.buildx", ...platforms, ".");
  await run("build", "-f", "Dockerfile.buildx", ...platforms, "-t", image, "--push", ".");
  await run("inspect", "--files", image);
  say("verify proves what is inside every platform, without running it. The push did so, too, before anything was published.");
  await run("verify", ...platforms, image);
  say("The same with a mistake that no log shows: every platform gets the amd64 program. build looks inside, and does not publish it.");
  const mistake = `${registry}/example/operator:mistake`;
  await runTo(FOUND, "build", "-f", "Dockerfile.mistake", ...platforms, "-t", mistake, "--push", ".");
  say("Published all the same, as other builders would, it is found by verify.");
  await run("build", "-f", "Dockerfile.mistake", ...platforms, "-t", mistake, "--push", "--no-verify", "--quiet", ".");
  await runTo(FOUND, "verify", ...platforms, mistake);
} finally {
  for (const child of running) child.kill("SIGTERM");
  await Promise.all([...running].map((child) => once(child, "exit")));
  rmSync(store, { recursive: true, force: true });
}
