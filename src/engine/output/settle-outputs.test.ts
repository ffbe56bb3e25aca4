import { describe, expect, test } from "vitest";
import type { ProblemCode } from "../../core/problem.ts";
import { formatReference } from "../../core/reference.ts";
import { holdsImage, insecureRegistries } from "./output.ts";
import { parseOutput } from "./parse-output.ts";
import { settleOutputs } from "./settle-outputs.ts";

interface Flags {
  readonly outputs?: readonly string[];
  readonly push?: boolean;
  readonly load?: boolean;
  readonly tags?: readonly string[];
}
const settle = (flags: Flags) =>
  settleOutputs({
    outputs: (flags.outputs ?? []).map(parseOutput),
    push: flags.push ?? false,
    load: flags.load ?? false,
    tags: flags.tags ?? [],
    annotations: [],
  });

/** `type dest push names`, as short as a table wants it. */
const shown = (flags: Flags): readonly string[] =>
  settle(flags).outputs.map((output) =>
    [
      output.type,
      "dest" in output && output.dest !== undefined ? output.dest : "",
      output.type === "image" && output.push ? "push" : "",
      holdsImage(output) ? output.names.map(formatReference).join("+") : "",
    ]
      .filter((word) => word !== "")
      .join(" "),
  );

const good: Record<string, Flags & { out: readonly string[] }> = {
  "nothing is nothing": { out: [] },
  "--push alone": { push: true, tags: ["app"], out: ["image push docker.io/library/app:latest"] },
  "--push makes every image output push": {
    outputs: ["type=image", "type=image"],
    push: true,
    tags: ["app"],
    out: ["image push docker.io/library/app:latest", "image push docker.io/library/app:latest"],
  },
  "--push beside files": { outputs: ["out"], push: true, tags: ["app"], out: ["local out", "image push docker.io/library/app:latest"] },
  "--push after a docker output": {
    outputs: ["type=docker,dest=a.tar"],
    push: true,
    tags: ["a/b:1"],
    out: ["docker a.tar docker.io/a/b:1", "image push docker.io/a/b:1"],
  },
  "--load alone": { load: true, tags: ["app"], out: ["docker docker.io/library/app:latest"] },
  "--load beside a docker output that loads": { outputs: ["type=docker"], load: true, out: ["docker"] },
  "--load beside a docker archive": { outputs: ["type=docker,dest=a.tar"], load: true, out: ["docker a.tar", "docker"] },
  "--push and --load": { push: true, load: true, tags: ["app"], out: ["image push docker.io/library/app:latest", "docker docker.io/library/app:latest"] },
  "tags take the place of names": { outputs: ["type=image,name=other"], tags: ["a:1", "b:2"], out: ["image docker.io/library/a:1+docker.io/library/b:2"] },
  "names stay without tags": { outputs: ["type=image,name=other"], out: ["image docker.io/library/other:latest"] },
};
describe("settleOutputs joins", () => {
  for (const [name, c] of Object.entries(good)) test(name, () => expect(shown(c)).toEqual(c.out));
});

const bad: Record<string, Flags & { code: ProblemCode }> = {
  "a push without a name": { push: true, code: "usage" },
  "a registry output without a name": { outputs: ["type=registry"], code: "usage" },
  "two outputs on stdout": { outputs: ["-", "type=oci"], code: "usage" },
  "a tag that is no reference": { push: true, tags: ["App"], code: "reference-malformed" },
  "a tag where nothing may be tagged": { outputs: ["type=image,push=true,push-by-digest=true"], tags: ["app:v1"], code: "output-conflict" },
  "two compressions of one image": { outputs: ["type=oci,dest=a,compression=uncompressed", "type=docker,dest=b"], code: "output-conflict" },
  "two media types of one image": { outputs: ["type=oci,dest=a", "type=docker,dest=b,oci-mediatypes=false"], code: "output-conflict" },
  "annotations of one output only": { outputs: ["type=oci,dest=a,annotation.k=v", "type=docker,dest=b"], code: "output-conflict" },
};
describe("settleOutputs refuses", () => {
  for (const [name, c] of Object.entries(bad)) test(name, () => expect(() => settle(c)).toThrow(expect.objectContaining({ code: c.code })));
});

describe("what the engine is told", () => {
  test("defaults: gzip, OCI media types, nothing forced", () => {
    expect(settle({ outputs: ["out"] }).build).toEqual({ layers: { compression: "gzip", force: false }, ociMediaTypes: true, annotations: [] });
  });
  test("what an output says", () => {
    expect(settle({ outputs: ["type=oci,dest=a,compression=uncompressed,force-compression=true,oci-mediatypes=false", "out"] }).build).toEqual({
      layers: { compression: "uncompressed", force: true },
      ociMediaTypes: false,
      annotations: [],
    });
  });
  test("--annotation goes to every image, the last of a key wins, the order of saying does not matter", () => {
    const outputs = ["type=oci,dest=a,annotation.b=1,annotation.a=2", "type=oci,dest=b,annotation.a=2,annotation.b=1"].map(parseOutput);
    const { build } = settleOutputs({ outputs, push: false, load: false, tags: [], annotations: [{ at: "manifest", key: "a", value: "3" }] });
    expect(build.annotations).toEqual([
      { at: "manifest", key: "a", value: "3" },
      { at: "manifest", key: "b", value: "1" },
    ]);
  });
});

test("hosts that may be insecure are those that such an output pushes to", () => {
  const { outputs } = settle({
    outputs: ["type=registry,name=a.example/x,registry.insecure=true", "type=registry,name=b.example/x", "type=image,name=c.example/x,registry.insecure=true"],
  });
  expect(insecureRegistries(outputs)).toEqual(["a.example"]);
});
