import { describe, expect, test } from "vitest";
import type { ProblemCode, ProblemError } from "../../core/problem.ts";
import { parseReference } from "../../core/reference.ts";
import type { Output } from "./output.ts";
import { parseOutput } from "./parse-output.ts";

const nothing = { names: [], layers: {}, annotations: [], rewriteTimestamp: false };
const image = { type: "image", ...nothing, push: false, pushByDigest: false, nameCanonical: false, insecure: false } as const;
const app = parseReference("docker.io/library/app:latest");

const good: Record<string, { in: string; out: Output }> = {
  "a bare path is a folder": { in: "out", out: { type: "local", dest: "out" } },
  "a path with an equals sign that does not begin with type= is a folder": { in: "./a=b", out: { type: "local", dest: "./a=b" } },
  "a dash is a tar on stdout": { in: "-", out: { type: "tar", dest: "-" } },
  "an image": { in: "type=image", out: image },
  "a name gets its tag and registry": { in: "type=image,name=app", out: { ...image, names: [app] } },
  "several names are one quoted field": {
    in: 'type=image,"name=app,ghcr.io/org/app:v1",push=true',
    out: { ...image, names: [app, parseReference("ghcr.io/org/app:v1")], push: true },
  },
  "registry is an image that is pushed": { in: "type=registry,name=app", out: { ...image, names: [app], push: true } },
  "registry pushes whatever push says, as in buildx": { in: "type=registry,push=false,name=app", out: { ...image, names: [app], push: true } },
  "push-by-digest leaves the name without a tag": {
    in: "type=image,name=ghcr.io/org/app,push=1,push-by-digest=T,name-canonical=true",
    out: { ...image, names: [parseReference("ghcr.io/org/app")], push: true, pushByDigest: true, nameCanonical: true },
  },
  "an empty flag is yes": { in: "type=image,push=", out: { ...image, push: true } },
  "keys are read in any case and with blanks": { in: "Type=image, PUSH =true", out: { ...image, push: true } },
  "an insecure registry": { in: "type=image,registry.insecure=true", out: { ...image, insecure: true } },
  "attributes that mean nothing here are taken": { in: "type=image,unpack=false,store=true,attestation-inline=true,oci-artifact=false", out: image },
  "how layers are packed": {
    in: "type=image,compression=gzip,compression-level=9,force-compression=true,oci-mediatypes=false,rewrite-timestamp=true",
    out: { ...image, layers: { compression: "gzip", level: 9, force: true }, ociMediaTypes: false, rewriteTimestamp: true },
  },
  "zstd has levels up to 22": {
    in: "type=oci,compression=zstd,compression-level=22",
    out: { type: "oci", ...nothing, layers: { compression: "zstd", level: 22 }, tar: true, dest: "-" },
  },
  "an OCI archive goes to stdout unless told": { in: "type=oci", out: { type: "oci", ...nothing, tar: true, dest: "-" } },
  "an OCI archive in a file": { in: "type=oci,dest=a.tar", out: { type: "oci", ...nothing, tar: true, dest: "a.tar" } },
  "an OCI layout in a folder": { in: "type=oci,dest=out,tar=false", out: { type: "oci", ...nothing, tar: false, dest: "out" } },
  "docker without dest loads": { in: "type=docker", out: { type: "docker", ...nothing, tar: true } },
  "docker with dest and context": {
    in: "type=docker,dest=a.tar,context=remote",
    out: { type: "docker", ...nothing, tar: true, dest: "a.tar", context: "remote" },
  },
  "files of every platform in one folder": { in: "type=local,dest=out,platform-split=false", out: { type: "local", dest: "out", platformSplit: false } },
  "a tar of files": { in: "type=tar,dest=a.tar", out: { type: "tar", dest: "a.tar" } },
  nothing: { in: "type=cacheonly", out: { type: "cacheonly" } },
  "annotations of each kind": {
    in: "type=oci,annotation.a=1,annotation-index.b=2,annotation-manifest[linux/arm64].c=3,annotation-manifest-descriptor.d=4,annotation-index-descriptor.e=5=6",
    out: {
      type: "oci",
      ...nothing,
      annotations: [
        { at: "manifest", key: "a", value: "1" },
        { at: "index", key: "b", value: "2" },
        { at: "manifest", key: "c", value: "3", platform: { os: "linux", architecture: "arm64" } },
        { at: "manifest-descriptor", key: "d", value: "4" },
        { at: "index-descriptor", key: "e", value: "5=6" },
      ],
      tar: true,
      dest: "-",
    },
  },
};

describe("parseOutput reads", () => {
  for (const [name, c] of Object.entries(good)) test(name, () => expect(parseOutput(c.in)).toEqual(c.out));
});

const bad: Record<string, { in: string; code: ProblemCode; message: string; hint?: string }> = {
  "nothing at all": { in: "", code: "output-malformed", message: "is empty" },
  "no type": { in: "dest=out,tar=true", code: "output-malformed", message: "has no type" },
  "a type with a slip": { in: "type=imag", code: "output-malformed", message: 'unknown type "imag"', hint: "did you mean image?" },
  "a type far from any": { in: "type=ecr", code: "output-malformed", message: 'unknown type "ecr"', hint: "wanted image, registry" },
  "a type that only an object's prototype has": { in: "type=constructor", code: "output-malformed", message: "unknown type" },
  "an attribute with a slip": { in: "type=image,pusch=true", code: "output-malformed", message: '"pusch"', hint: "did you mean push?" },
  "an attribute of another type": {
    in: "type=local,dest=o,push=true",
    code: "output-malformed",
    message: '"push", which type=local does not know',
    hint: "type=image, registry",
  },
  "a name with commas that is not quoted": { in: "type=image,name=a,b", code: "output-malformed", message: '"b" where KEY=VALUE' },
  "a lone quote": { in: 'type=image,name=a"', code: "output-malformed", message: "quote" },
  "a flag that is neither": { in: "type=image,push=maybe", code: "output-malformed", message: 'push="maybe"', hint: "true or false" },
  "a compression with a slip": { in: "type=oci,compression=gizp", code: "output-malformed", message: 'compression "gizp"', hint: "did you mean gzip?" },
  "a level that gzip does not have": { in: "type=oci,compression-level=10", code: "output-malformed", message: "compression-level", hint: "0 to 9" },
  "a level that is no number": { in: "type=oci,compression-level=-1", code: "output-malformed", message: "compression-level" },
  "zstd under Docker's media types": { in: "type=image,compression=zstd,oci-mediatypes=false", code: "output-conflict", message: "oci-mediatypes=false" },
  "a name in upper case": { in: "type=image,name=App", code: "reference-malformed", message: "lower case" },
  "a name with a digest": { in: `type=image,name=app@sha256:${"0".repeat(64)}`, code: "output-conflict", message: "digest" },
  "a tag with push-by-digest": { in: "type=image,name=app:v1,push-by-digest=true", code: "output-conflict", message: "has a tag" },
  "a folder without dest": { in: "type=local", code: "output-malformed", message: "names no folder" },
  "a folder on stdout": { in: "type=local,dest=-", code: "output-malformed", message: "stdout" },
  "a layout without dest": { in: "type=oci,tar=false", code: "output-malformed", message: "names no folder" },
  "mode=delete": { in: "type=local,dest=o,mode=delete", code: "feature-unsupported", message: "mode=delete" },
  "a time for one output": { in: "type=oci,source-date-epoch=0", code: "feature-unsupported", message: "source-date-epoch", hint: "SOURCE_DATE_EPOCH" },
  "an annotation at an unknown place": { in: "type=oci,annotation-layer.a=b", code: "output-malformed", message: '"layer"' },
  "an annotation for an unknown platform": { in: "type=oci,annotation-manifest[linux/arm46].a=b", code: "platform-unknown", message: "arm46" },
  "an annotation on files": { in: "type=local,dest=o,annotation.a=b", code: "output-malformed", message: "holds no image" },
};

describe("parseOutput refuses", () => {
  for (const [name, c] of Object.entries(bad))
    test(name, () => {
      let problem: ProblemError | undefined;
      try {
        parseOutput(c.in);
      } catch (error) {
        problem = error as ProblemError;
      }
      expect(problem?.code).toBe(c.code);
      expect(problem?.message).toContain(c.message);
      if (c.hint !== undefined) expect(problem?.hint).toContain(c.hint);
    });
});
