// Needs: Docker's command line with Buildx
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { builderOf } from "../../src/simulate/builder-of.ts";
import { applyOperation } from "../../src/simulate/effects/apply.ts";
import type { Environment } from "../../src/simulate/environment.ts";
import type { Operation } from "../../src/simulate/operation.ts";
import { textOf } from "../../src/simulate/text.ts";
import { PEERS, peerEnvironment } from "../compare/places.ts";
import { aBuild, aBuilder, aPlace, machine, text, texts } from "../harness/simulation.ts";
import { peerSuite } from "./peer-suite.ts";

/** What a script does: the command, and the operation that we take it for; or a variable, from then on. */
interface Act {
  readonly command?: readonly string[];
  readonly operation: Operation;
}

const place = aPlace();
/** A remote builder is made without asking it anything. */
const create = (name: string, use = true): Act => ({
  command: ["buildx", "create", "--driver=remote", `--name=${name}`, ...(use ? ["--use"] : []), "tcp://127.0.0.1:9"],
  operation: aBuilder(name, { driver: "remote", use, endpoint: text("tcp://127.0.0.1:9") }),
});
const use = (name: string): Act => ({ command: ["buildx", "use", name], operation: { kind: "use-builder", place, name: text(name) } });
const remove = (name: string): Act => ({ command: ["buildx", "rm", "--force", name], operation: { kind: "remove-builder", place, names: texts(name) } });
const makeContext = (name: string): Act => ({
  command: ["context", "create", name, "--docker=host=tcp://127.0.0.1:9"],
  operation: { kind: "create-context", place, name: text(name), endpoint: text("tcp://127.0.0.1:9") },
});
const useContext = (name: string): Act => ({ command: ["context", "use", name], operation: { kind: "use-context", place, name: text(name) } });
const set = (name: string, value: string): Act => ({ operation: { kind: "set-variable", place, name, value: text(value) } });

const CASES: readonly (readonly [name: string, acts: readonly Act[]])[] = [
  ["nothing", []],
  ["a builder, chosen", [create("a")]],
  ["a builder, not chosen", [create("a", false)]],
  ["a builder, chosen later", [create("a", false), use("a")]],
  ["two builders", [create("a"), create("b")]],
  ["two builders, the first chosen again", [create("a"), create("b"), use("a")]],
  ["the default chosen again", [create("a"), use("default")]],
  ["removed", [create("a"), remove("a")]],
  ["another context", [create("a"), makeContext("ci"), useContext("ci")]],
  ["another context and back", [create("a"), makeContext("ci"), useContext("ci"), useContext("default")]],
  ["another context, chosen there", [makeContext("ci"), useContext("ci"), create("a")]],
  ["another context, chosen there, and back", [makeContext("ci"), useContext("ci"), create("a"), useContext("default")]],
  ["another context, its own builder chosen by its name", [create("a"), makeContext("ci"), useContext("ci"), use("ci")]],
  ["another context by a variable", [makeContext("ci"), create("a"), set("DOCKER_CONTEXT", "ci")]],
  ["another host", [create("a"), set("DOCKER_HOST", "tcp://127.0.0.1:9")]],
  ["the default host by its address", [create("a"), set("DOCKER_HOST", "unix:///var/run/docker.sock")]],
  ["a host, chosen there", [set("DOCKER_HOST", "tcp://127.0.0.1:9"), create("a")]],
  ["a host comes before a context", [makeContext("ci"), useContext("ci"), create("a"), set("DOCKER_HOST", "unix:///var/run/docker.sock")]],
  ["named by a variable", [create("a"), create("b", false), set("BUILDX_BUILDER", "b")]],
  ["a name that nobody made", [create("a"), set("BUILDX_BUILDER", "b")]],
  ["the name of another context", [makeContext("ci"), set("BUILDX_BUILDER", "ci")]],
  ["an empty variable", [create("a"), set("BUILDX_BUILDER", "")]],
];

const folder = mkdtempSync(join(tmpdir(), "mh-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A Docker configuration that nobody has used. */
function newConfig(number: number): string {
  const config = join(folder, String(number));
  mkdirSync(join(config, "cli-plugins"), { recursive: true });
  writeFileSync(join(config, "config.json"), "{}");
  symlinkSync(`${PEERS}/docker/cfg/cli-plugins/docker-buildx`, join(config, "cli-plugins/docker-buildx"));
  return config;
}

peerSuite("the builder that Buildx takes is the one that we predict", ["buildx"], () => {
  test.each(CASES.map(([name, acts], number) => [name, acts, number] as const))("%s", (_name, acts, number) => {
    let environment: Environment = machine();
    const variables: Record<string, string> = { DOCKER_CONFIG: newConfig(number) };
    const docker = (args: readonly string[]) => spawnSync("docker", args, { env: peerEnvironment(variables), encoding: "utf8", timeout: 30_000 });
    for (const { command, operation } of acts) {
      environment = applyOperation(operation, environment, { sure: true, asOf: "2026-08-21" });
      if (operation.kind === "set-variable") variables[operation.name] = textOf(operation.value) ?? "";
      const done = command === undefined ? undefined : docker(command);
      if (done !== undefined && done.status !== 0) throw new Error(`docker ${command?.join(" ")}: ${done.stderr}`);
    }
    const { name, driver, missing } = builderOf(aBuild(), environment);
    if (missing !== undefined) {
      expect(docker(["buildx", "build", folder]).stderr).toContain(
        missing === "no-such-builder" ? `no builder "${name}" found` : `use \`docker --context=${name} buildx\``,
      );
      return;
    }
    const inspected = docker(["buildx", "inspect"]);
    const said = (key: string): string | undefined => new RegExp(`^${key}:[ \\t]*(.*)$`, "m").exec(inspected.stdout)?.[1];
    // A context whose daemon does not answer has a builder of no driver; one that was made says which it is.
    expect({ name: said("Name"), driver: said("Driver") || "docker" }).toEqual({ name, driver });
  });
});
