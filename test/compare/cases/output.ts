// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the words of Dockerfiles
import { type Case, type Files, lines } from "../case.ts";

const TREE: Files = {
  "f.txt": "f\n",
  "run.sh": { content: "#!/bin/sh\n", mode: 0o755 },
  "dir/a": "a",
  "dir/link": { link: "a" },
  "dir/sub/b": { content: "b", mode: 0o600 },
};
const SMALL = lines("FROM scratch", "COPY f.txt /");
const ON_BASE = lines("FROM {busybox}", "COPY f.txt /", "ENV A=1");
/** A file of its own for each way to pack: BuildKit takes a layer that it has packed already as it is. */
const packed = (how: string): Pick<Case, "dockerfile" | "files" | "output"> => ({
  dockerfile: lines("FROM {busybox}", "COPY f.txt /"),
  files: { "f.txt": `${how}\n` },
  output: `type=oci,${how}`,
});
const DOCKER_TYPES = "to the exporter of Docker 28 a Docker archive has Docker's media types, to newer ones OCI's";
const ONE = ["linux/arm64"] as const;

/** --output with its attributes, annotations, names, labels, and the form of index and manifests. */
export const OUTPUT: readonly Case[] = [
  { name: "output: oci-mediatypes=false", dockerfile: ON_BASE, files: TREE, output: "type=oci,oci-mediatypes=false" },
  { name: "output: oci-mediatypes=false, one platform", dockerfile: ON_BASE, files: TREE, platforms: ONE, output: "type=oci,oci-mediatypes=false" },
  { name: "output: oci-mediatypes=true", dockerfile: ON_BASE, files: TREE, output: "type=oci,oci-mediatypes=true" },
  { name: "output: compression=uncompressed", ...packed("compression=uncompressed") },
  { name: "output: compression=uncompressed in Docker's media types", ...packed("compression=uncompressed,oci-mediatypes=false") },
  { name: "output: force-compression over a base", ...packed("compression=uncompressed,force-compression=true") },
  { name: "output: force-compression in Docker's media types", ...packed("compression=uncompressed,force-compression=true,oci-mediatypes=false") },
  { name: "output: force-compression of what has it", ...packed("compression=gzip,force-compression=true") },
  { name: "output: compression-level", ...packed("compression=gzip,compression-level=9") },
  { name: "output: unknown compression", dockerfile: SMALL, files: TREE, output: "type=oci,compression=lzma", fails: /compression/ },
  { name: "output: a folder", dockerfile: ON_BASE, files: TREE, output: "type=oci,tar=false" },
  { name: "output: a folder, one platform", dockerfile: SMALL, files: TREE, platforms: ONE, output: "type=oci,tar=false" },
  { name: "output: a folder with a name", dockerfile: SMALL, files: TREE, tags: ["registry.test/app:v1"], output: "type=oci,tar=false" },
  { name: "output: a name in the output", dockerfile: SMALL, files: TREE, output: "type=oci,name=registry.test/team/app" },
  { name: "output: --tag", dockerfile: SMALL, files: TREE, tags: ["app", "registry.test:5000/team/app:v1.2"] },
  { name: "output: --tag, one platform", dockerfile: SMALL, files: TREE, platforms: ONE, tags: ["user/app:v1"] },
  { name: "output: --tag that is none", dockerfile: SMALL, files: TREE, tags: ["Up/Per:case"], fails: /invalid|must be lowercase/ },
  {
    name: "output: a Docker archive",
    dockerfile: ON_BASE,
    files: TREE,
    platforms: ["linux/amd64"],
    tags: ["app:v1", "registry.test/app"],
    output: "type=docker",
    peersDiffer: DOCKER_TYPES,
  },
  {
    name: "output: a Docker archive without a name",
    dockerfile: SMALL,
    files: TREE,
    platforms: ["linux/amd64"],
    output: "type=docker",
    peersDiffer: DOCKER_TYPES,
  },
  {
    name: "output: a Docker archive of an empty image",
    dockerfile: lines("FROM scratch", "LABEL a=b"),
    platforms: ["linux/amd64"],
    output: "type=docker",
    peersDiffer: DOCKER_TYPES,
  },

  { name: "output tar: one platform", dockerfile: lines("FROM scratch", "COPY . /x"), files: TREE, platforms: ONE, output: "type=tar" },
  { name: "output tar: two platforms", dockerfile: lines("FROM scratch", "COPY . /x"), files: TREE, output: "type=tar" },
  { name: "output tar: split for one platform", dockerfile: SMALL, files: TREE, platforms: ONE, output: "type=tar,platform-split=true" },
  { name: "output tar: a base with links, owners and devices", dockerfile: ON_BASE, files: TREE, platforms: ["linux/amd64"], output: "type=tar" },
  {
    name: "output tar: what an upper layer took away",
    dockerfile: lines("FROM scratch", "COPY dir /d", "ADD over.tar /"),
    files: { ...TREE, "over.tar": { archive: { d: "a file now" } } },
    platforms: ONE,
    output: "type=tar",
  },
  { name: "output tar: at an epoch", dockerfile: lines("FROM scratch", "COPY . /x"), files: TREE, platforms: ONE, output: "type=tar", epoch: 1_050_000_000 },
  { name: "output local: one platform", dockerfile: lines("FROM scratch", "COPY . /x"), files: TREE, platforms: ONE, output: "type=local" },
  { name: "output local: two platforms", dockerfile: lines("FROM scratch", "COPY --chmod=750 run.sh /x"), files: TREE, output: "type=local" },
  {
    name: "output local: not split, files that do not meet",
    dockerfile: lines("FROM scratch", "ARG TARGETARCH", "COPY f.txt /bin/app-$TARGETARCH"),
    files: TREE,
    output: "type=local,platform-split=false",
  },
  {
    name: "output local: not split, files that meet",
    dockerfile: SMALL,
    files: TREE,
    output: "type=local,platform-split=false",
    fails: /duplicate|conflict|overwrite/,
  },

  { name: "annotation: of the manifest", dockerfile: SMALL, files: TREE, annotations: ["org.test.plain=1", "manifest:org.test.said=two words"] },
  { name: "annotation: of the manifest, one platform", dockerfile: SMALL, files: TREE, platforms: ONE, annotations: ["org.test.plain=1"] },
  { name: "annotation: of the index", dockerfile: SMALL, files: TREE, annotations: ["index:org.test.a=1", "index:org.test.b=<x>&y"] },
  { name: "annotation: of manifest and index", dockerfile: SMALL, files: TREE, annotations: ["manifest,index:org.test.a=1"] },
  {
    name: "annotation: of the descriptors",
    dockerfile: SMALL,
    files: TREE,
    annotations: ["manifest-descriptor:org.test.m=1", "index-descriptor:org.test.i=2"],
  },
  { name: "annotation: of one platform's manifest", dockerfile: SMALL, files: TREE, annotations: ["org.test.all=1", "manifest[linux/arm64]:org.test.arm=2"] },
  {
    name: "annotation: of one platform over that of all",
    dockerfile: SMALL,
    files: TREE,
    annotations: ["org.test.k=all", "manifest[linux/arm64]:org.test.k=arm", "manifest-descriptor[linux/arm64]:org.test.d=arm"],
  },
  { name: "annotation: in the output", dockerfile: SMALL, files: TREE, output: "type=oci,annotation.org.test.a=1,annotation-index.org.test.b=2" },
  {
    name: "annotation: of the index, one platform",
    dockerfile: SMALL,
    files: TREE,
    platforms: ONE,
    annotations: ["index:a=1"],
    fails: /index annotations not supported/,
  },
  {
    name: "annotation: of the index in Docker's media types",
    dockerfile: SMALL,
    files: TREE,
    annotations: ["index:a=1"],
    output: "type=oci,oci-mediatypes=false",
    fails: /cannot export annotations/,
    peersDiffer: "the BuildKit of Docker 28 leaves them out instead",
  },
  {
    name: "annotation: of the manifest in Docker's media types",
    dockerfile: SMALL,
    files: TREE,
    annotations: ["a=1"],
    output: "type=oci,oci-mediatypes=false",
  },
  { name: "annotation: of a descriptor, one platform", dockerfile: SMALL, files: TREE, platforms: ONE, annotations: ["manifest-descriptor:org.test.m=1"] },
  { name: "annotation: without a value", dockerfile: SMALL, files: TREE, annotations: ["nothing"], fails: /annotation/ },

  {
    name: "label: over the base's and the Dockerfile's",
    dockerfile: lines("FROM {rich}", "LABEL mine=1 b=2"),
    files: { "trigger.txt": "" },
    labels: { b: "3", "a.first": "", mine: "x=y, z" },
  },
  { name: "label: with nothing else", dockerfile: lines("FROM scratch"), labels: { only: "this" } },

  { name: "platforms: none named", dockerfile: ON_BASE, files: TREE, platforms: [] },
  { name: "platforms: other spellings", dockerfile: SMALL, files: TREE, platforms: ["linux/x86_64", "linux/aarch64", "linux/armhf"] },
  { name: "platforms: v1 and v8 are none", dockerfile: SMALL, files: TREE, platforms: ["linux/amd64/v1", "linux/arm64/v8"] },
  { name: "platforms: architecture alone", dockerfile: SMALL, files: TREE, platforms: ["arm64"] },
  { name: "platforms: other systems", dockerfile: SMALL, files: TREE, platforms: ["windows/amd64", "freebsd/arm64", "js/wasm"] },
  { name: "platforms: the order asked for", dockerfile: SMALL, files: TREE, platforms: ["linux/s390x", "linux/386", "linux/amd64"] },
  { name: "platforms: variants upon a base that has one of them", dockerfile: ON_BASE, files: TREE, platforms: ["linux/arm/v7", "linux/amd64/v2"] },
  { name: "platforms: an older variant than the base's", dockerfile: ON_BASE, files: TREE, platforms: ["linux/arm/v6"], fails: /no match for platform/ },
  { name: "platforms: unknown", dockerfile: SMALL, files: TREE, platforms: ["linux/amd46/x/y"], fails: /platform/ },
];
