import { describe, expect, test } from "vitest";
import { formatReference } from "../../core/reference.ts";
import { parseCacheFrom, parseCacheTo } from "./parse-caches.ts";
import type { CacheFrom, CacheTo } from "./spec.ts";

const digest = `sha256:${"a".repeat(64)}`;
/** References as people write them. */
const told = (spec: CacheFrom | CacheTo): object => ("ref" in spec ? { ...spec, ref: formatReference(spec.ref) } : spec);

describe("--cache-from", () => {
  const cases: Record<string, { values: string[]; specs: object[]; warnings?: string[] }> = {
    "a reference alone": { values: ["r.test/a:c"], specs: [{ type: "registry", shown: "r.test/a:c", ref: "r.test/a:c", insecure: false }] },
    "a reference with Docker's defaults": { values: ["a"], specs: [{ type: "registry", shown: "a", ref: "docker.io/library/a:latest", insecure: false }] },
    "references parted by commas": {
      values: ["r.test/a:1,r.test/b:2"],
      specs: [
        { type: "registry", shown: "r.test/a:1", ref: "r.test/a:1", insecure: false },
        { type: "registry", shown: "r.test/b:2", ref: "r.test/b:2", insecure: false },
      ],
    },
    nothing: { values: ["", ","], specs: [] },
    "a registry by its attributes, keys in any case": {
      values: ["TYPE=registry,Ref=r.test/a,registry.insecure=true"],
      specs: [{ type: "registry", shown: "TYPE=registry,Ref=r.test/a,registry.insecure=true", ref: "r.test/a:latest", insecure: true }],
    },
    "a folder": { values: ["type=local,src=c"], specs: [{ type: "local", shown: "type=local,src=c", src: "c", tag: "latest" }] },
    "a folder with a comma, a tag and a digest": {
      values: [`type=local,"src=a,b",tag=t,digest=${digest}`],
      specs: [{ type: "local", shown: `type=local,src=a,b,tag=t,digest=${digest}`, src: "a,b", tag: "t", digest }],
    },
    "the same twice counts once": { values: ["r.test/a", "type=registry,ref=r.test/a:latest"], specs: [expect.objectContaining({ ref: "r.test/a:latest" })] },
    "an attribute that nobody knows": {
      values: ["type=registry,reff=x,ref=r.test/a"],
      specs: [expect.objectContaining({ ref: "r.test/a:latest" })],
      warnings: ['--cache-from "type=registry,reff=…,ref=r.test/a" has the unknown attribute "reff", which has no effect; did you mean ref?'],
    },
  };
  test.each(Object.entries(cases))("%s", (_, { values, specs, warnings = [] }) => {
    const got = parseCacheFrom(values);
    expect(got.specs.map(told)).toEqual(specs);
    expect(got.warnings).toEqual(warnings);
  });

  const refused: Record<string, { value: string; code?: string; says: RegExp; hint?: RegExp }> = {
    "no type": { value: "ref=a", says: /^--cache-from "ref=a" has no type$/ },
    "a field without a value": { value: "type=local,src", says: /has "src" where KEY=VALUE is wanted/ },
    "a quote inside": { value: 'type=local,src=a"b', says: /quote/ },
    "no ref": { value: "type=registry", says: /has no ref/ },
    "no src": { value: "type=local", says: /has no src/ },
    "an empty src": { value: "type=local,src=", says: /has no src/ },
    "a bad reference": { value: "type=registry,ref=A B", code: "reference-malformed", says: /does not name an image/ },
    "a bad digest": { value: "type=local,src=a,digest=x", code: "digest-malformed", says: /not a content address/ },
    "neither true nor false": { value: "type=registry,ref=a,registry.insecure=maybe", says: /registry\.insecure="maybe"/, hint: /true or false/ },
    inline: { value: "type=inline", says: /type=inline, which can only be written/, hint: /type=registry,ref=IMAGE/ },
    "a type misspelt": { value: "type=regsitry,ref=a", says: /unknown type "regsitry"/, hint: /registry/ },
    "GitHub's": {
      value: "type=gha,token=geheim",
      code: "feature-unsupported",
      says: /GitHub's cache service/,
      hint: /type=registry.*actions\/cache.*docker buildx build/,
    },
    "Amazon's": { value: "type=s3,secret_access_key=geheim", code: "feature-unsupported", says: /S3/, hint: /type=registry/ },
    "Azure's": { value: "type=azblob,secret_access_key=geheim", code: "feature-unsupported", says: /Azure/, hint: /type=local/ },
  };
  test.each(Object.entries(refused))("%s is refused", (_, { value, code = "usage", says, hint = /./ }) => {
    expect(() => parseCacheFrom([value])).toThrow(expect.objectContaining({ code, message: expect.stringMatching(says), hint: expect.stringMatching(hint) }));
    expect(() => parseCacheFrom([value])).not.toThrow(/geheim/);
  });
});

describe("--cache-to", () => {
  const place = { mode: "min", ociMediaTypes: true, ignoreError: false };
  const cases: Record<string, { value: string; spec: object; warnings?: RegExp[] }> = {
    "a reference alone": { value: "r.test/a:c", spec: { type: "registry", ref: "r.test/a:c", insecure: false, ...place } },
    "a registry with all": {
      value: "type=registry,ref=r.test/a,mode=max,oci-mediatypes=false,image-manifest=true,ignore-error=true,registry.insecure=1",
      spec: { type: "registry", ref: "r.test/a:latest", insecure: true, mode: "max", ociMediaTypes: false, ignoreError: true },
    },
    "a folder": { value: "type=local,dest=c,tag=t,mode=max", spec: { type: "local", dest: "c", tag: "t", ...place, mode: "max" } },
    inline: { value: "type=inline", spec: { type: "inline" } },
    "an unknown mode": {
      value: "type=local,dest=c,mode=all",
      spec: { type: "local", dest: "c", tag: "latest", ...place },
      warnings: [/unknown mode "all": min is used/],
    },
    "the index form": { value: "type=local,dest=c,image-manifest=false", spec: { type: "local", dest: "c", tag: "latest", ...place }, warnings: [/no effect/] },
    compression: {
      value: "type=local,dest=c,compression=zstd,force-compression=true",
      spec: { type: "local", dest: "c", tag: "latest", ...place },
      warnings: [/has compression, which has no effect/, /has force-compression, which/],
    },
  };
  test.each(Object.entries(cases))("%s", (_, { value, spec, warnings = [] }) => {
    const got = parseCacheTo([value]);
    expect(got.specs.map(told)).toEqual([{ shown: value, ...spec }]);
    expect(got.warnings).toEqual(warnings.map((warning) => expect.stringMatching(warning)));
  });

  const refused: Record<string, { value: string; code?: string; says: RegExp }> = {
    "no dest": { value: "type=local", says: /has no dest/ },
    "a digest": { value: `r.test/a@${digest}`, says: /names a digest/ },
    "neither true nor false": { value: "type=local,dest=a,ignore-error=often", says: /ignore-error="often"/ },
    "GitHub's": { value: "type=gha", code: "feature-unsupported", says: /--cache-to "type=gha" asks for a cache in GitHub's/ },
  };
  test.each(Object.entries(refused))("%s is refused", (_, { value, code = "usage", says }) => {
    expect(() => parseCacheTo([value])).toThrow(expect.objectContaining({ code, message: expect.stringMatching(says) }));
  });
});
