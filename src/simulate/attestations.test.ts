import { describe, expect, test } from "vitest";
import { aBuild, aBuilder, hole, machine, ON, performed, text, texts } from "../../test/harness/simulation.ts";
import { type Attestations, attestationsOf } from "./attestations.ts";
import { builderOf } from "./builder-of.ts";
import type { Environment } from "./environment.ts";
import type { Build, Operation } from "./operation.ts";

const container = performed(machine(), [aBuilder("b")]);
const containerd = machine("ubuntu-26.04");
const off: Operation = { kind: "set-variable", place: text("").place, name: "BUILDX_NO_DEFAULT_ATTESTATIONS", value: text("1") };
const action = "docker/build-push-action";
const none = { provenance: "none", sbom: false, asked: false } as const;

describe("what a build attaches", () => {
  test.each<[string, Partial<Build>, Environment, Partial<Attestations>]>([
    ["docker driver, classic store", { through: action }, machine(), none],
    ["docker driver, containerd store: Buildx's own", {}, containerd, { provenance: "buildx", asked: false }],
    ["the action adds none to the docker driver", { through: action }, containerd, { provenance: "buildx", asked: false }],
    ["container driver: Buildx's own", {}, container, { provenance: "buildx", asked: false }],
    ["container driver: the action's", { through: action, push: ON }, container, { provenance: "action", asked: false }],
    ["the action adds none to what is loaded", { through: action, load: ON }, container, { provenance: "buildx" }],
    ["turned off by a variable", {}, performed(container, [off]), { provenance: "none" }],
    ["turned off", { provenance: text("false") }, container, { provenance: "none", asked: false }],
    ["turned off, classic store", { provenance: text("false"), sbom: text("false") }, machine(), none],
    ["asked for", { provenance: text("true") }, container, { provenance: "asked", asked: true }],
    ["asked for with a mode", { provenance: text("mode=max"), sbom: text("true") }, container, { provenance: "max", sbom: true, asked: true }],
    ["a generator of the SBOM", { sbom: text("generator=image") }, container, { sbom: true, asked: true }],
    ["by --attest", { attests: texts("type=provenance,mode=min", "type=sbom") }, container, { provenance: "min", sbom: true, asked: true }],
    ["--attest comes first", { attests: texts("type=provenance,disabled=true"), provenance: text("true") }, container, { provenance: "none", asked: false }],
    ["by an input that nobody knows", { provenance: text([hole("inputs.p")]) }, container, { provenance: undefined, asked: undefined }],
    ["by an input of two choices that both ask", { sbom: text([hole("inputs.s", ["true", "1"])]) }, container, { sbom: true, asked: true }],
    ["an empty input asks for nothing", { provenance: text("") }, machine(), none],
    ["podman", { through: "podman" }, machine(), none],
    ["a Buildx that knows none", {}, machine("ubuntu-22.04", "2022-09-30"), none],
    ["a store that nobody knows", {}, machine("mine"), { provenance: undefined, asked: false }],
  ])("%s", (_name, build, environment, expected) => {
    const one = aBuild(build);
    expect(attestationsOf(one, builderOf(one, environment), environment)).toMatchObject(expected);
  });
});
