// Needs: docker-registry, BuildKit, Docker's command line with Buildx, crane
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { memoryFiles } from "../../src/adapters/memory/repository-files.ts";
import { loadGrammars } from "../../src/api/grammars.ts";
import { planRunners } from "../../src/api/plan-runners.ts";
import type { Job, Step } from "../../src/workflow/model.ts";
import { readWorkflow } from "../../src/workflow/read-workflow.ts";
import { entriesOf } from "../../src/workflow/tree.ts";
import { PEERS_RUN, REGISTRY } from "../compare/places.ts";
import { peerSuite, run } from "./peer-suite.ts";

const CI = ".github/workflows/ci.yml";
const IMAGE = `${REGISTRY}/runners/app`;
const COPY = `${REGISTRY}/runners/copy`;
const BUILDER = "multihull-runners";

const workflow = `on: push
jobs:
  app:
    runs-on: ubuntu-24.04
    outputs:
      digest: \${{ steps.build.outputs.digest }}
    steps:
      - uses: docker/setup-buildx-action@v4
      - id: tags
        run: echo "tags=${IMAGE}:1" >> "$GITHUB_OUTPUT"
      - uses: docker/build-push-action@v7
        id: build
        with:
          platforms: linux/amd64,linux/arm64
          push: true
          provenance: PROVENANCE
          annotations: index:org.example.title=Two words
          tags: TAGS
`;

const folder = mkdtempSync(join(tmpdir(), "multihull-runners-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

peerSuite("the jobs that fix --runners native writes", ["registry", "buildkitd", "buildx", "crane"], () => {
  for (const [provenance, tags] of [
    ["mode=max", `|\n            ${IMAGE}:1\n            ${IMAGE}:2\n            ${COPY}:1`],
    ["false", `${IMAGE}:3,${COPY}:3`],
    ["false", "${{ steps.tags.outputs.tags }}"],
  ] as const)
    test(`push each platform by digest and join them, with provenance ${provenance} and tags ${tags.replace(/\s+/g, " ")}`, async () => {
      const text = workflow.replace("PROVENANCE", provenance).replace("TAGS", () => tags);
      const plan = planRunners(memoryFiles({ [CI]: text }), await loadGrammars(), { asOf: "2026-08-21" }, { runners: "native", jobs: [], canEdit: () => true });
      const jobs: readonly Job[] = readWorkflow({ name: CI, text: plan.texts.get(CI) ?? text }).workflow?.jobs ?? [];
      const [builds, joins] = jobs as readonly [Job, Job];
      const temp = mkdtempSync(join(folder, "run-"));
      writeFileSync(join(temp, "Dockerfile"), "FROM scratch\nARG TARGETARCH\nCOPY Dockerfile /$TARGETARCH\n");
      run("docker", ["buildx", "create", `--name=${BUILDER}`, "--driver=remote", "--use", `unix://${PEERS_RUN}/buildkitd.sock`], {
        env: { BUILDX_CONFIG: join(temp, "buildx") },
      });
      const machine = new Machine(temp);
      for (const platform of ["linux/amd64", "linux/arm64"]) {
        machine.outputs.set("steps.tags.outputs.tags", `${IMAGE}:4\n${COPY}:4`);
        for (const step of builds.steps) machine.perform(step, platform);
      }
      // What artifacts do: the files of both rows in one folder.
      expect(
        run("ls", [join(temp, "digests")])
          .trim()
          .split("\n"),
      ).toHaveLength(2);
      for (const step of joins.steps) machine.perform(step, "");
      const written = readFileSync(join(temp, "output"), "utf8");
      const names = {
        "mode=max": [`${IMAGE}:1`, `${IMAGE}:2`, `${COPY}:1`],
        false: tags.startsWith("$") ? [`${IMAGE}:4`, `${COPY}:4`] : [`${IMAGE}:3`, `${COPY}:3`],
      }[provenance];
      for (const name of names) {
        const index = JSON.parse(run("crane", ["manifest", "--insecure", name])) as {
          manifests: { platform: { os: string; architecture: string } }[];
          annotations: object;
        };
        const platforms = index.manifests.map(({ platform }) => `${platform.os}/${platform.architecture}`).filter((one) => one !== "unknown/unknown");
        expect(platforms.sort()).toEqual(["linux/amd64", "linux/arm64"]);
        expect(index.manifests).toHaveLength(provenance === "false" ? 2 : 4);
        expect(index.annotations).toEqual({ "org.example.title": "Two words" });
        expect(written).toContain(`digest=${run("crane", ["digest", "--insecure", name]).trim()}\n`);
      }
    });
});

/** As much of a runner as these steps need: expressions that name outputs, variables and the building action. */
class Machine {
  readonly outputs = new Map<string, string>();
  readonly #temp: string;

  constructor(temp: string) {
    this.#temp = temp;
    this.outputs.set("runner.temp", temp);
    mkdirSync(temp, { recursive: true });
  }

  perform(step: Step, platform: string): void {
    this.outputs.set("matrix.platform", platform);
    const action = step.uses?.scalar.text ?? "";
    if (action.startsWith("docker/build-push-action@")) this.#build(step);
    else if (step.run !== undefined && step.id?.text !== "tags") this.#runScript(step, step.run.text);
  }

  #runScript(step: Step, script: string): void {
    const output = join(this.#temp, "output");
    writeFileSync(output, "");
    const env = Object.fromEntries(entriesOf(step.env).map(({ key, value }) => [key.text, value.kind === "scalar" ? this.#filled(value.text) : ""]));
    run("bash", ["-e", "-o", "pipefail", "-c", this.#filled(script)], {
      cwd: step.workingDirectory === undefined ? this.#temp : this.#filled(step.workingDirectory.text),
      env: { ...env, RUNNER_TEMP: this.#temp, GITHUB_OUTPUT: output, BUILDX_CONFIG: join(this.#temp, "buildx") },
    });
    for (const [, name = "", value = ""] of readFileSync(output, "utf8").matchAll(/^(\w+)=(.*)$/gm))
      this.outputs.set(`steps.${step.id?.text}.outputs.${name}`, value);
  }

  /** As the action calls Buildx. */
  #build(step: Step): void {
    const given = new Map(step.with.map(({ key, value }) => [key.text, value.kind === "scalar" ? this.#filled(value.text) : ""]));
    const metadata = join(this.#temp, "metadata.json");
    const flag = (name: string, input: string): readonly string[] => (given.has(input) ? [`--${name}=${given.get(input)}`] : []);
    run(
      "docker",
      [
        ...["buildx", "build", "--builder", BUILDER, "--metadata-file", metadata, ...(given.get("push") === "true" ? ["--push"] : [])],
        ...[...flag("platform", "platforms"), ...flag("output", "outputs"), ...flag("provenance", "provenance"), ...flag("tag", "tags")],
        this.#temp,
      ],
      { env: { BUILDX_CONFIG: join(this.#temp, "buildx") } },
    );
    const { "containerimage.digest": digest = "" } = JSON.parse(readFileSync(metadata, "utf8")) as { "containerimage.digest"?: string };
    this.outputs.set(`steps.${step.id?.text}.outputs.digest`, digest);
  }

  #filled(text: string): string {
    return text.replace(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => {
      const value = this.outputs.get(name);
      if (value === undefined) throw new Error(`nobody knows ${name}`);
      return value;
    });
  }
}
