import { expect, test } from "vitest";
import { aBuildkitRequest } from "../../../test/harness/buildkit-request.ts";
import { parsePlatform } from "../../core/platform.ts";
import { archiveOutput, buildkitArguments, type PushTarget, pushOutput } from "./arguments.ts";
import type { BuildkitRequest } from "./request.ts";

const BUILDER = { name: "team", shown: 'builder "team"', driver: "remote", buildx: "0.29.1", env: {} };
const PACKING: BuildkitRequest["packing"] = { layers: { compression: "gzip", force: false }, ociMediaTypes: true, annotations: [] };

const request = (more: Partial<BuildkitRequest> = {}): BuildkitRequest => aBuildkitRequest([], more);

const FIRST = ["--builder", "team", "--progress", "rawjson", "--output", "OUT"];
const NO_ATTESTATIONS = ["--provenance", "false", "--sbom", "false"];

test.each<[name: string, asked: Partial<BuildkitRequest>, between: readonly string[], attestations?: readonly string[]]>([
  ["nothing but a context", {}, []],
  ["platforms are one value", { platforms: [parsePlatform("linux/amd64"), parsePlatform("linux/arm/v6")] }, ["--platform", "linux/amd64,linux/arm/v6"]],
  ["a file, a target", { file: "docker/Dockerfile", target: "app" }, ["--file", "docker/Dockerfile", "--target", "app"]],
  ["build arguments, also without a value", { buildArgs: ["A=1 2;$X", "B"] }, ["--build-arg", "A=1 2;$X", "--build-arg", "B"]],
  [
    "named contexts",
    { buildContexts: ["lib=../lib", "base=docker-image://alpine"] },
    ["--build-context", "lib=../lib", "--build-context", "base=docker-image://alpine"],
  ],
  ["labels", { labels: ["a=b", "c="] }, ["--label", "a=b", "--label", "c="]],
  ["secrets as they are", { secrets: ["id=token,env=TOKEN", "id=key,src=./key"] }, ["--secret", "id=token,env=TOKEN", "--secret", "id=key,src=./key"]],
  ["ssh and rights", { ssh: ["default", "x=./key"], allow: ["network.host"] }, ["--ssh", "default", "--ssh", "x=./key", "--allow", "network.host"]],
  [
    "what RUN is given",
    { addHosts: ["db:10.0.0.1"], shmSize: "128m", ulimits: ["nofile=1024:2048"], network: "host" },
    ["--add-host", "db:10.0.0.1", "--shm-size", "128m", "--ulimit", "nofile=1024:2048", "--network", "host"],
  ],
  ["without cache", { noCache: true, noCacheFilter: ["a", "b"], pull: true }, ["--no-cache", "--no-cache-filter", "a", "--no-cache-filter", "b", "--pull"]],
  ["caches", { cacheFrom: ["type=local,src=c"], cacheTo: ["type=local,dest=c"] }, ["--cache-from", "type=local,src=c", "--cache-to", "type=local,dest=c"]],
  [
    "annotations with their place and platform",
    {
      packing: {
        ...PACKING,
        annotations: [
          { at: "manifest", key: "org.example:a", value: "x=y, z" },
          { at: "index-descriptor", key: "b", value: "" },
          { at: "manifest-descriptor", platform: parsePlatform("linux/arm64"), key: "c", value: "1" },
        ],
      },
    },
    ["--annotation", "manifest:org.example:a=x=y, z", "--annotation", "index-descriptor:b=", "--annotation", "manifest-descriptor[linux/arm64]:c=1"],
  ],
  ["provenance as asked for", { provenance: "mode=max" }, [], ["--provenance", "mode=max", "--sbom", "false"]],
  ["an sbom alone brings no provenance", { sbom: "true" }, [], ["--provenance", "false", "--sbom", "true"]],
  ["a provenance as an attestation", { attest: ["type=provenance,mode=min"] }, [], ["--attest", "type=provenance,mode=min", "--sbom", "false"]],
  ["an sbom as an attestation, its type not first", { attest: ["generator=x,type=sbom"] }, [], ["--attest", "generator=x,type=sbom", "--provenance", "false"]],
  ["what is no CSV goes to Buildx, which says so", { attest: ['type="sbom'] }, [], ["--attest", 'type="sbom', ...NO_ATTESTATIONS]],
])("%s", (_name, asked, between, attestations = NO_ATTESTATIONS) => {
  expect(buildkitArguments(request(asked), BUILDER, "OUT")).toEqual([...FIRST, ...between, ...attestations, "--", "."]);
});

test("a context named like a flag stays a context", () => {
  expect(buildkitArguments(request({ context: "--load" }), BUILDER, "OUT").slice(-2)).toEqual(["--", "--load"]);
});

test("no builder is named where Buildx is to take its own", () => {
  const { name: _, ...unnamed } = BUILDER;
  expect(buildkitArguments(request(), unnamed, "OUT")).not.toContain("--builder");
});

test.each<[name: string, asked: Partial<BuildkitRequest>, wanted: string]>([
  ["as it comes", {}, "type=oci,dest=-"],
  [
    "zstd, a level, forced",
    { packing: { ...PACKING, layers: { compression: "zstd", level: 9, force: true } } },
    "type=oci,dest=-,compression=zstd,compression-level=9,force-compression=true",
  ],
  ["gzip of another level", { packing: { ...PACKING, layers: { compression: "gzip", level: 1, force: false } } }, "type=oci,dest=-,compression-level=1"],
  ["Docker's media types", { packing: { ...PACKING, ociMediaTypes: false } }, "type=oci,dest=-,oci-mediatypes=false"],
  ["an epoch of the environment", { env: { SOURCE_DATE_EPOCH: "1" } }, "type=oci,dest=-,rewrite-timestamp=true"],
  ["an epoch as an argument", { buildArgs: ["SOURCE_DATE_EPOCH=1"] }, "type=oci,dest=-,rewrite-timestamp=true"],
  ["an empty argument takes it back", { env: { SOURCE_DATE_EPOCH: "1" }, buildArgs: ["SOURCE_DATE_EPOCH="] }, "type=oci,dest=-"],
  [
    "an argument without a value is the environment's",
    { env: { SOURCE_DATE_EPOCH: "1" }, buildArgs: ["SOURCE_DATE_EPOCH"] },
    "type=oci,dest=-,rewrite-timestamp=true",
  ],
  ["an empty one of the environment is none", { env: { SOURCE_DATE_EPOCH: "" } }, "type=oci,dest=-"],
])("archive: %s", (_name, asked, wanted) => {
  expect(archiveOutput(request(asked))).toBe(wanted);
});

test.each<[name: string, target: PushTarget, wanted: string]>([
  ["one name", { names: ["r.example/a:1"], insecure: false, byDigest: false }, "type=image,name=r.example/a:1,push=true,oci-mediatypes=true"],
  [
    "several names are one field",
    { names: ["r.example/a:1", "r.example/a:2"], insecure: true, byDigest: false },
    'type=image,"name=r.example/a:1,r.example/a:2",push=true,registry.insecure=true,oci-mediatypes=true',
  ],
  [
    "by digest",
    { names: ["r.example/a"], insecure: false, byDigest: true },
    "type=image,name=r.example/a,push=true,push-by-digest=true,name-canonical=true,oci-mediatypes=true",
  ],
])("push: %s", (_name, target, wanted) => {
  expect(pushOutput(request(), target)).toBe(wanted);
});
