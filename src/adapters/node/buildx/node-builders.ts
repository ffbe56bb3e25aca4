import { existsSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../../core/digest.ts";
import { ProblemError } from "../../../core/problem.ts";
import type { NodeSpec } from "../../../engine/buildkit/node.ts";
import type { BuildkitBuilder } from "../../../engine/buildkit/request.ts";
import { csvLine } from "../../../engine/output/csv.ts";
import type { HostPrograms } from "../../../host/ports.ts";
import { makePrivateFolder } from "../world.ts";

/** It writes a file of a few lines; before, a Docker over ssh is asked whether it is there. */
const CREATE_MS = 10_000;

export interface NodeBuildersOptions {
  readonly programs: HostPrograms;
  /** A folder of ours for Buildx's own state: nothing of the user's is changed, and a node's cache of the context is found again by the next build. */
  readonly folder: string;
  /** Of Buildx, when known. */
  readonly buildx: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A builder for a node, of our own and kept between builds: one node, one name.
 * @throws {ProblemError} `buildx-unavailable` | `node-failed` | `store-unusable`
 */
export async function nodeBuilder(spec: NodeSpec, options: NodeBuildersOptions): Promise<BuildkitBuilder> {
  const home = makePrivateFolder(options.folder);
  const name = builderName(spec);
  const env = { BUILDX_CONFIG: home };
  if (!existsSync(join(home, "instances", name))) await create(spec, name, env, options);
  return { name, shown: `node ${spec.shown}`, driver: spec.driver, buildx: options.buildx, env };
}

const builderName = ({ driver, endpoint = "", options, name = "" }: NodeSpec): string =>
  `multihull-${digestOf(Buffer.from(JSON.stringify([driver, endpoint, options, name]))).slice(7, 19)}`;

async function create(spec: NodeSpec, name: string, env: Readonly<Record<string, string>>, { programs, signal }: NodeBuildersOptions): Promise<void> {
  const args = [
    ...["--name", name, "--driver", spec.driver],
    ...(spec.name === undefined ? [] : ["--node", spec.name]),
    ...spec.options.flatMap((option) => ["--driver-opt", csvLine([option])]),
    ...(spec.endpoint === undefined ? [] : [spec.endpoint]),
  ];
  const answer = await programs.run("docker", ["buildx", "create", ...args], { timeoutMs: CREATE_MS, env, ...(signal === undefined ? {} : { signal }) });
  switch (answer.kind) {
    case "missing":
      throw new ProblemError("buildx-unavailable", {
        message: "there is no docker program, which speaks to nodes",
        hint: "install the Docker CLI with its Buildx plugin",
      });
    case "unstartable":
      throw new ProblemError("buildx-unavailable", {
        message: `the docker program cannot be started: ${answer.why}`,
        hint: "install the Docker CLI for this machine",
      });
    case "silent":
      throw new ProblemError("node-failed", {
        message: `"${spec.shown}" did not answer in ${answer.afterMs / 1000} s`,
        hint: "see that it runs and can be reached",
        facts: { node: spec.shown },
      });
    case "ended":
      // Another build may have made it meanwhile.
      if (answer.status === 0 || /existing instance for/.test(answer.stderr)) return;
      throw new ProblemError("node-failed", {
        message: `"${spec.shown}" cannot be used as a node: ${brief(answer.stderr)}`,
        hint: "see its options in the documentation of Buildx's drivers, and that it can be reached",
        facts: { node: spec.shown, driver: spec.driver },
      });
  }
}

const SAID_LIMIT = 400;
/** Of a connection by ssh that fails, what ssh says stands last. */
const brief = (text: string): string =>
  text
    .replace(/^.*\bstderr=/s, "")
    .replace(/^ERROR:\s*/, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, SAID_LIMIT);
