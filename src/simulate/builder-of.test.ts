import { describe, expect, test } from "vitest";
import { aBuild, aBuilder, aDaemon, aPlace, hole, machine, performed, text, texts } from "../../test/harness/simulation.ts";
import { builderOf, type ResolvedBuilder } from "./builder-of.ts";
import { applyOperation } from "./effects/apply.ts";
import type { Environment } from "./environment.ts";
import type { Build, Operation } from "./operation.ts";

const place = aPlace();
const use = (name: string): Operation => ({ kind: "use-builder", place, name: text(name) });
const context = (name: string): Operation => ({ kind: "use-context", place, name: text(name) });
const variable = (name: string, value: string): Operation => ({ kind: "set-variable", place, name, value: text(value) });
const remove = (name: string): Operation => ({ kind: "remove-builder", place, names: texts(name) });
const install: Operation = { kind: "install-buildx", place };
const unknownStep: Operation = { kind: "doubt", place, sentence: "nobody knows what owner/action does", about: "anything" };
const b = aBuilder("b");

interface Expected {
  readonly driver: ResolvedBuilder["driver"];
  readonly name?: string | undefined;
  readonly store?: ResolvedBuilder["store"];
  readonly certain?: boolean;
  readonly lost?: readonly string[];
  readonly missing?: ResolvedBuilder["missing"];
}

const resolve = (environment: Environment, build: Partial<Build> = {}): ResolvedBuilder => builderOf(aBuild(build), environment);
const summary = ({ driver, name, store, certain, lost, missing }: ResolvedBuilder) => ({
  driver,
  name,
  store,
  certain,
  missing,
  lost: lost.map(({ why }) => why),
});

describe("which builder a build uses", () => {
  test.each<[string, readonly Operation[], Partial<Build>, Expected]>([
    ["nothing was done", [], {}, { driver: "docker", name: "default", store: "classic", certain: true, lost: [] }],
    ["a builder was made and chosen", [b], {}, { driver: "docker-container", name: "b", certain: true, lost: [] }],
    ["made, and not chosen", [aBuilder("b", { use: false })], {}, { driver: "docker", certain: true, lost: ["not-used"] }],
    ["made, not chosen, and named", [aBuilder("b", { use: false })], { builder: text("b") }, { driver: "docker-container", name: "b", certain: true }],
    [
      "made, not chosen, and named by a variable",
      [aBuilder("b", { use: false }), variable("BUILDX_BUILDER", "b")],
      {},
      { driver: "docker-container", name: "b" },
    ],
    [
      "named by a variable of the step",
      [aBuilder("b", { use: false })],
      { variables: new Map([["BUILDX_BUILDER", text("b")]]) },
      { driver: "docker-container", name: "b" },
    ],
    [
      "the input comes before the variable",
      [b, aBuilder("c"), variable("BUILDX_BUILDER", "b")],
      { builder: text("c") },
      { driver: "docker-container", name: "c" },
    ],
    ["the last one that was chosen", [b, aBuilder("c")], {}, { driver: "docker-container", name: "c", lost: ["other-chosen"] }],
    ["chosen again", [b, aBuilder("c"), use("b")], {}, { driver: "docker-container", name: "b" }],
    ["the default was chosen again", [b, use("default")], {}, { driver: "docker", name: "default", certain: true, lost: ["other-chosen"] }],
    ["removed", [b, remove("b")], {}, { driver: "docker", name: "default", certain: true, lost: [] }],
    [
      "another context is used",
      [b, { kind: "create-context", place, name: text("ci"), endpoint: undefined }, context("ci")],
      {},
      { driver: "docker", name: "ci", lost: ["context-changed"] },
    ],
    [
      "and back again: Buildx keeps the choice",
      [b, { kind: "create-context", place, name: text("ci"), endpoint: undefined }, context("ci"), context("default")],
      {},
      { driver: "docker-container", name: "b", lost: [] },
    ],
    [
      "a second daemon, without a builder",
      [aDaemon({ version: "28.0.4" })],
      {},
      { driver: "docker", name: "setup-docker-action", store: "classic", certain: true },
    ],
    ["a second daemon of today", [aDaemon()], {}, { driver: "docker", store: "containerd", certain: true }],
    [
      "a second daemon after the builder",
      [b, aDaemon({ version: "28.0.4" })],
      {},
      { driver: "docker", name: "setup-docker-action", lost: ["context-changed"], certain: true },
    ],
    [
      "a second daemon after the builder, which is named",
      [b, aDaemon({ version: "28.0.4" })],
      { builder: text("b") },
      { driver: "docker-container", name: "b", certain: true },
    ],
    ["a builder after the second daemon", [aDaemon({ version: "28.0.4" }), b], {}, { driver: "docker-container", name: "b", certain: true, lost: [] }],
    [
      "DOCKER_HOST after the builder",
      [b, variable("DOCKER_HOST", "tcp://localhost:2375")],
      {},
      { driver: "docker", name: "default", certain: false, lost: ["context-changed"] },
    ],
    [
      "DOCKER_HOST of the default address",
      [b, variable("DOCKER_HOST", "unix:///var/run/docker.sock")],
      {},
      { driver: "docker-container", name: "b", certain: true },
    ],
    [
      "DOCKER_HOST of the second daemon",
      [aDaemon({ version: "28.0.4", endpoint: text("unix:///d.sock") }), variable("DOCKER_HOST", "unix:///d.sock")],
      {},
      { driver: "docker", name: "default", store: "classic", certain: true },
    ],
    ["DOCKER_HOST is set to nothing", [b, variable("DOCKER_HOST", "")], {}, { driver: "docker-container", certain: true }],
    [
      "DOCKER_CONTEXT of the step",
      [aDaemon({ version: "28.0.4" }), b],
      { variables: new Map([["DOCKER_CONTEXT", text("default")]]) },
      { driver: "docker", name: "default", lost: ["context-changed"] },
    ],
    ["a name that nobody made", [], { builder: text("x") }, { driver: "unknown", name: "x", missing: "no-such-builder", certain: true }],
    ["the name of another context", [aDaemon({ version: "28.0.4" })], { builder: text("default") }, { driver: "unknown", missing: "builder-of-other-context" }],
    ["the name of the current context", [b], { builder: text("default") }, { driver: "docker", name: "default", certain: true }],
    ["a name that nobody knows", [b], { builder: text([hole("inputs.builder")]) }, { driver: "unknown", name: undefined, certain: false }],
    ["an empty name is none", [b], { builder: text("") }, { driver: "docker-container", name: "b" }],
    [
      "docker build does not look at the chosen one",
      [b],
      { through: "docker build" },
      { driver: "docker", name: "default", certain: true, lost: ["docker-build"] },
    ],
    ["docker build that names it", [b], { through: "docker build", builder: text("b") }, { driver: "docker-container", name: "b", certain: true }],
    ["docker build with BUILDX_BUILDER", [b, variable("BUILDX_BUILDER", "b")], { through: "docker build" }, { driver: "docker-container", name: "b" }],
    ["docker build after docker buildx install", [b, install], { through: "docker build" }, { driver: "docker-container", name: "b", certain: true }],
    [
      "docker build without BuildKit",
      [b],
      { through: "docker build", variables: new Map([["DOCKER_BUILDKIT", text("0")]]) },
      { driver: "legacy", certain: true },
    ],
    ["docker build, BuildKit asked for", [b], { through: "docker build", variables: new Map([["DOCKER_BUILDKIT", text("1")]]) }, { driver: "docker" }],
    ["bake looks at the chosen one", [b], { through: "docker/bake-action" }, { driver: "docker-container", name: "b" }],
    ["podman has no builder", [b], { through: "podman" }, { driver: "buildah", certain: true }],
    ["a step that nobody knows", [unknownStep], {}, { driver: "docker", certain: false }],
    ["a step that nobody knows, before the builder", [unknownStep, b], {}, { driver: "docker-container", name: "b", certain: false }],
    ["an action that builds by itself", [b], { through: "other" }, { driver: "docker-container", certain: false }],
  ])("%s", (_name, operations, build, expected) => {
    expect(summary(resolve(performed(machine(), operations), build))).toMatchObject(expected);
  });

  test("of an old Docker, docker build means the classic builder", () => {
    const old = machine("ubuntu-22.04", "2023-05-01");
    expect(resolve(old, { through: "docker build" }).driver).toBe("legacy");
    expect(resolve(old, { through: "docker buildx build" }).driver).toBe("docker");
    expect(resolve(performed(old, [install]), { through: "docker build" }).driver).toBe("docker");
    // Docker's own client of BuildKit, whose words we do not know.
    expect(summary(resolve(old, { through: "docker build", variables: new Map([["DOCKER_BUILDKIT", text("1")]]) }))).toMatchObject({
      driver: "docker",
      certain: false,
    });
  });

  test("on a machine of one's own someone may have chosen a builder before", () => {
    expect(summary(resolve(machine("self-hosted")))).toMatchObject({ driver: "docker", certain: false });
    expect(summary(resolve(performed(machine("self-hosted"), [b])))).toMatchObject({ driver: "docker-container", certain: true });
  });

  test("without a daemon", () => {
    expect(resolve(machine("macos-26"))).toMatchObject({ driver: "docker", noDaemon: true });
    expect(resolve(machine("mine"))).toMatchObject({ noDaemon: false, store: "unknown" });
  });
});

describe("operations under a condition that nobody knows", () => {
  const unsure = (operation: Operation, environment = machine()): Environment => applyOperation(operation, environment, { sure: false, asOf: "2026-08-21" });
  test.each<[string, Operation, Environment?]>([
    ["a builder", b],
    ["a second daemon", aDaemon()],
    ["another configuration of the daemon", aDaemon({ context: undefined, config: `{"features": {"containerd-snapshotter": true}}` })],
    ["a choice", use("b"), performed(machine(), [aBuilder("b", { use: false })])],
    ["a removal", remove("b"), performed(machine(), [b])],
    ["an alias", install, performed(machine(), [b])],
    ["another host", variable("DOCKER_HOST", "tcp://localhost:2375"), performed(machine(), [b])],
  ])("%s leaves nothing certain", (_name, operation, before) => {
    expect(resolve(unsure(operation, before), { through: "docker build" }).certain && resolve(unsure(operation, before)).certain).toBe(false);
  });
});

describe("the chain of facts", () => {
  const facts = (operations: readonly Operation[], build: Partial<Build> = {}): readonly string[] =>
    resolve(performed(machine(), operations), build).facts.map(({ sentence }) => sentence);
  test("runner, second daemon, its store, the lost builder, the driver", () => {
    expect(facts([b, aDaemon({ version: "28.0.4" })])).toEqual([
      `a second Docker daemon is started, and its context "setup-docker-action" is used`,
      "this Docker 28.0.4 has the classic image store, because nothing turns containerd's on",
      `builder "b" was chosen for Docker context "default", and "setup-docker-action" is current now`,
      `so the build uses the docker driver of context "setup-docker-action"`,
    ]);
  });
  test("without any step", () => {
    expect(facts([])).toEqual([
      `runner "ubuntu-24.04" has Docker 28.0.4 and its classic image store, by the table of 2026-11-22`,
      `no step before it makes a builder, so the build uses the docker driver of context "default"`,
    ]);
  });
  test("of a builder: who made and who chose it", () => {
    expect(facts([aBuilder("b", { use: false }), use("b")])).toEqual([`builder "b" is made, with the docker-container driver`, `builder "b" is chosen`]);
  });
  test("places are those of the steps", () => {
    const made = aBuilder("b");
    const daemon = aDaemon({ version: "28.0.4" });
    const resolved = resolve(performed(machine(), [made, daemon]));
    expect(resolved.facts.slice(0, 3).map((fact) => fact.place)).toEqual([daemon.place, daemon.place, daemon.place]);
    expect(resolved.lost[0]?.builder.fact.place).toBe(made.place);
  });
});
