import { describe, expect, test } from "vitest";
import { aBuild, aBuilder, aDaemon, aPlace, hole, machine, ON, performed, text, texts } from "../../../test/harness/simulation.ts";
import type { Environment } from "../environment.ts";
import type { Operation } from "../operation.ts";
import { NO_TEXTS, shownText, textOf } from "../text.ts";
import { applyOperation } from "./apply.ts";

const place = aPlace();
const asOf = "2026-08-21";
const unsure = (operation: Operation, environment = machine()): Environment => applyOperation(operation, environment, { sure: false, asOf });
const daemonOf = (environment: Environment, name = environment.context ?? "default") => environment.contexts.get(name)?.daemon;

describe("daemons", () => {
  const snapshotter = (on: boolean): string => JSON.stringify({ features: { "containerd-snapshotter": on } });
  test.each<[string, Parameters<typeof aDaemon>[0], string, object]>([
    ["latest today", {}, asOf, { version: "29.0", store: "containerd" }],
    ["latest in 2025", {}, "2025-06-06", { version: "28.0", store: "classic" }],
    ["pinned", { version: "28.0.4" }, asOf, { version: "28.0.4", store: "classic" }],
    ["pinned, with the feature", { version: "28.0.4", config: snapshotter(true) }, asOf, { store: "containerd" }],
    ["latest, without the feature", { config: snapshotter(false) }, asOf, { store: "classic" }],
    ["a configuration that is not JSON", { config: "features:\n  x: true" }, asOf, { store: "unknown" }],
    ["a configuration that nobody knows", { config: null }, asOf, { store: "unknown" }],
    ["a version that nobody knows", { version: undefined }, asOf, { version: undefined, store: "unknown" }],
    ["a version that nobody knows, of an action that sets the store", { version: undefined, store: "containerd" }, asOf, { store: "containerd" }],
    ["mirrors", { config: `{"registry-mirrors": ["http://localhost:5000"]}` }, asOf, { mirrors: ["http://localhost:5000"] }],
    ["rootless", { rootless: true }, asOf, { rootless: true }],
  ])("%s", (_name, parts, date, daemon) => {
    const before = machine("ubuntu-24.04", date);
    const next = performed(before, [aDaemon(parts)], date);
    expect(next.context).toBe("setup-docker-action");
    expect(daemonOf(next)).toMatchObject(daemon);
    expect(daemonOf(next, "default")).toBe(daemonOf(before));
  });
  test("the machine's own daemon, restarted with the feature, keeps its version", () => {
    const next = performed(machine(), [aDaemon({ context: undefined, version: undefined, config: snapshotter(true) })]);
    expect(next.context).toBe("default");
    expect(daemonOf(next)).toMatchObject({ version: "28.0.4", store: "containerd" });
  });
  test("an upgrade in place stays on the classic store's data", () => {
    expect(daemonOf(performed(machine(), [aDaemon({ context: undefined, version: "29.2.0" })]))).toMatchObject({ version: "29.2.0", store: "classic" });
  });
  test("images of another daemon are out of sight", () => {
    const built = performed(machine(), [aBuild({ tags: texts("x/y") })]);
    expect(built.images).toHaveLength(1);
    expect(performed(built, [aDaemon()]).images).toEqual([]);
    expect(performed(built, [aDaemon({ context: undefined, version: undefined, config: "{}" })]).images).toHaveLength(1);
  });
  test("under a condition the context that was there may still be used", () => {
    const next = unsure(aDaemon());
    expect(next).toMatchObject({ context: "default", doubts: [{ sentence: "a Docker daemon is started, perhaps: under a condition that nobody knows" }] });
    expect(daemonOf(unsure(aDaemon({ context: undefined })))).toMatchObject({ store: "unknown" });
  });
});

describe("builders", () => {
  test("are made with their options, and chosen for the current endpoint", () => {
    const next = performed(machine(), [
      aBuilder("b", { driverOptions: texts("network=host", "image=moby/buildkit:v0.13.0"), platforms: texts("linux/amd64") }),
    ]);
    expect(next.builders.get("b")).toMatchObject({ driver: "docker-container", endpoint: "default", certain: true, openOptions: false });
    expect(next.builders.get("b")?.driverOptions).toEqual(
      new Map([
        ["network", "host"],
        ["image", "moby/buildkit:v0.13.0"],
      ]),
    );
    expect(next.selected).toMatchObject({ endpoint: "default", builder: "b" });
  });
  test("options that nobody knows leave them open", () => {
    expect(performed(machine(), [aBuilder("b", { driverOptions: texts(text([hole("inputs.opts")])) })]).builders.get("b")?.openOptions).toBe(true);
  });
  test("append adds a node and leaves the choice", () => {
    const next = performed(machine(), [
      aBuilder("b"),
      aBuilder("c"),
      aBuilder("b", { append: true, endpoint: text("ssh://arm"), platforms: texts("linux/arm64") }),
    ]);
    expect(next.builders.get("b")?.nodes.map(({ endpoint }) => endpoint)).toEqual(["default", "ssh://arm"]);
    expect(next.selected?.builder).toBe("c");
  });
  test("without a name they have one each", () => {
    expect([...performed(machine(), [aBuilder("", { name: undefined }), aBuilder("", { name: undefined })]).builders.keys()]).toHaveLength(2);
  });
  test("with the docker driver none is made", () => {
    expect(performed(machine(), [aBuilder("b", { driver: "docker" })])).toMatchObject({ builders: new Map(), selected: undefined });
  });
  test.each([
    ["v0.12.1", "0.12.1"],
    ["latest", "0.36.1"],
    ["edge", undefined],
    ["https://github.com/docker/buildx.git#v0.12.0", undefined],
    ["", "0.36.1"],
  ])("a step that brings Buildx %j", (version, brought) => {
    expect(performed(machine(), [aBuilder("b", { buildxVersion: text(version) })]).buildxVersion).toBe(brought);
  });
  test("on a new machine a choice of what is not there fails, and chooses nothing", () => {
    const use: Operation = { kind: "use-builder", place, name: text("x") };
    expect(performed(machine(), [use])).toMatchObject({ selected: undefined, doubts: [] });
    expect(performed(machine("self-hosted"), [use]).doubts).toHaveLength(1);
  });
});

describe("emulators", () => {
  const install = (architectures: readonly string[] | "all" | undefined): Operation => ({ kind: "install-emulators", place, architectures, image: undefined });
  test.each([
    [
      ["linux/arm64", "arm/v7", "qemu-s390x", "x86_64", "mips64el"],
      ["arm64", "arm", "s390x", "amd64", "mips64le"],
    ],
    [["aarch64"], ["arm64"]],
  ])("%j", (words, architectures) => {
    expect(performed(machine(), [install(words)]).emulators).toMatchObject({ architectures: new Set(architectures), open: false });
  });
  test("add up", () => {
    expect(performed(machine(), [install(["arm64"]), install(["arm"])]).emulators.architectures).toEqual(new Set(["arm64", "arm"]));
    expect(performed(machine(), [install("all"), install(["arm"])]).emulators.architectures).toBe("all");
  });
  test("a list that nobody knows, or a condition, leaves them open", () => {
    expect(performed(machine(), [install(undefined)]).emulators.open).toBe(true);
    expect(unsure(install(["arm64"])).emulators).toMatchObject({ open: true, architectures: new Set() });
  });
});

describe("log-ins", () => {
  const logIn = (registry?: string, password = "secret"): Operation => ({
    kind: "log-in",
    place,
    registry: registry === undefined ? undefined : text(registry),
    username: text("me"),
    password: text(password),
    tool: "docker",
  });
  test.each([
    [undefined, "docker.io"],
    ["", "docker.io"],
    ["https://index.docker.io/v1/", "docker.io"],
    ["GHCR.io", "ghcr.io"],
    ["https://ghcr.io/owner", "ghcr.io"],
    ["localhost:5000", "localhost:5000"],
  ])("at %j", (registry, host) => {
    const [login] = performed(machine(), [logIn(registry)]).logins;
    expect(textOf(login?.registry)).toBe(host);
    expect(login?.works).toBe(true);
  });
  test("without a password they do not work; under a condition perhaps", () => {
    expect(performed(machine(), [logIn("ghcr.io", "")]).logins[0]?.works).toBe(false);
    expect(unsure(logIn("ghcr.io")).logins[0]?.works).toBeUndefined();
  });
});

describe("images of the store", () => {
  const images = (environment: Environment) => environment.images.map(({ name, platforms, how }) => [shownText(name), platforms, how]);
  const container = performed(machine(), [aBuilder("b")]);
  test.each<[string, Environment, Parameters<typeof aBuild>[0], number]>([
    ["the docker driver leaves what it builds", machine(), {}, 1],
    ["the container driver does not", container, {}, 0],
    ["the container driver, loaded", container, { load: ON }, 1],
    ["the container driver, pushed", container, { push: ON }, 0],
    ["the container driver, a Docker archive", container, { outputs: texts("type=docker,dest=a.tar") }, 0],
    ["the container driver that loads by itself", performed(machine(), [aBuilder("b", { driverOptions: texts("default-load=true") })]), {}, 1],
    ["the docker driver, pushed", machine(), { push: ON }, 1],
    ["the docker driver, into a folder", machine(), { outputs: texts("type=local,dest=x") }, 0],
    ["docker build, beside a builder that is chosen", container, { through: "docker build" }, 1],
    ["a question", machine(), { onlyAsks: true }, 0],
    ["podman has a store of its own", machine(), { through: "podman" }, 0],
  ])("%s", (_name, environment, build, count) => {
    expect(performed(environment, [aBuild({ tags: texts("x/y:1"), ...build })]).images).toHaveLength(count);
  });
  test("with their platforms", () => {
    expect(images(performed(machine(), [aBuild({ tags: texts("x/y"), platforms: texts("linux/aarch64") })]))).toEqual([["x/y", ["linux/arm64"], "built"]]);
    expect(images(performed(machine(), [{ kind: "pull-image", place, tool: "docker", image: text("x/y"), platform: text("linux/nonsense") }]))).toEqual([
      ["x/y", [], "pulled"],
    ]);
    expect(images(performed(machine(), [{ kind: "tag-image", place, tool: "docker", source: text("a"), targets: texts("b", "c") }]))).toEqual([
      ["b", [], "tagged"],
      ["c", [], "tagged"],
    ]);
  });
});

describe("doubts", () => {
  const doubt = (about: Extract<Operation, { kind: "doubt" }>["about"]): Environment =>
    performed(machine(), [{ kind: "doubt", place, sentence: "nobody knows", about }]);
  test.each([
    ["anything", { doubts: 1, open: true, logins: 1, images: 1 }],
    [["builder"], { doubts: 1, open: false, logins: 0, images: 0 }],
    [["emulators"], { doubts: 0, open: true, logins: 0, images: 0 }],
    [["login", "image"], { doubts: 0, open: false, logins: 1, images: 1 }],
  ] as const)("about %j", (about, expected) => {
    const { doubts, emulators, logins, images } = doubt(about);
    expect({ doubts: doubts.length, open: emulators.open, logins: logins.length, images: images.length }).toEqual(expected);
  });
});

describe("variables and the workspace", () => {
  const set = (value: string): Operation => ({ kind: "set-variable", place, name: "A", value: text(value) });
  test("a variable under a condition is unknown, unless it is what it was", () => {
    expect(textOf(performed(machine(), [set("x")]).variables.get("A"))).toBe("x");
    expect(textOf(unsure(set("y"), performed(machine(), [set("x")])).variables.get("A"))).toBeUndefined();
    expect(textOf(unsure(set("x"), performed(machine(), [set("x")])).variables.get("A"))).toBe("x");
  });
  test("a checkout cleans the workspace", () => {
    const written = performed(machine(), [
      { kind: "write-file", path: text("bin/a"), place },
      { kind: "download-artifact", place, name: text("a"), pattern: undefined },
    ]);
    expect(written.files.map(({ path }) => textOf(path))).toEqual(["bin/a", undefined]);
    expect(performed(written, [{ kind: "check-out", place, ref: undefined, path: undefined }]).files).toEqual([]);
    expect(performed(written, [{ kind: "check-out", place, ref: undefined, path: text("other") }]).files).toHaveLength(2);
  });
});

test("what only speaks to a registry changes nothing: the very same value comes back", () => {
  const environment = machine();
  const pushes: Operation = { kind: "push-image", place, tool: "docker", image: text("x/y"), platform: undefined };
  const creates: Operation = {
    kind: "create-index",
    place,
    tool: "imagetools",
    names: texts("x/y"),
    sources: NO_TEXTS,
    amend: undefined,
    builder: undefined,
    pushes: true,
  };
  expect(applyOperation(pushes, environment, { sure: true, asOf })).toBe(environment);
  expect(applyOperation(creates, environment, { sure: true, asOf })).toBe(environment);
});
