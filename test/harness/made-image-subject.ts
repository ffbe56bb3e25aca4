import type { Descriptor } from "../../src/image/descriptor.ts";
import { compareImages } from "../../src/verify/against/compare.ts";
import { readImage } from "../../src/verify/read/read-image.ts";
import type { LayerContents, ScanDepth } from "../../src/verify/scan/contents.ts";
import { scanLayer } from "../../src/verify/scan/scan-layer.ts";
import type { SmokeResult } from "../../src/verify/smoke.ts";
import type { Subject } from "../../src/verify/subject.ts";
import { type MadeSource, makeImage } from "./made-image.ts";
import type { MadeImage } from "./made-image-spec.ts";

/** What rules look at, of a made image: read, compared and started as its spec says. */
export async function readMade(spec: MadeImage): Promise<Subject> {
  const depth: ScanDepth = { hashes: spec.against !== undefined, nested: spec.verify?.archives === true };
  const made = await makeImage(spec);
  const read = await subjectOf(made, depth);
  const other = spec.against === undefined ? undefined : await subjectOf(await makeImage({ name: "other", ...spec.against }), depth);
  return {
    ...read,
    against: other === undefined ? undefined : compareImages(read, other, spec.against?.equal === true),
    smoke: spec.smoke?.map(smokeResult),
  };
}

async function subjectOf(made: MadeSource, depth: ScanDepth): Promise<Subject> {
  const source = { name: made.name, root: { descriptor: made.root }, blobs: made.blobs };
  return { ...(await readImage(source, { scan: scansOf(made, depth), wanted: made.wanted })), against: undefined, smoke: undefined };
}

/** One object for a layer, however many platforms have it. */
function scansOf(made: MadeSource, depth: ScanDepth): (layer: Descriptor) => Promise<LayerContents> {
  const scans = new Map<string, Promise<LayerContents>>();
  return (layer) => {
    const key = `${layer.digest} ${layer.size}`;
    const scan = scans.get(key) ?? scanLayer(made.blobs, layer, depth);
    scans.set(key, scan);
    return scan;
  };
}

const smokeResult = (given: NonNullable<MadeImage["smoke"]>[number]): SmokeResult => ({
  command: ["/app"],
  how: given.state === "not-run" ? undefined : "native",
  exitCode: given.state === "passed" ? 0 : given.state === "failed" ? 1 : undefined,
  signal: undefined,
  outlasted: false,
  why: given.state === "not-run" ? "it could not be tried here" : `it ended with status ${given.state === "passed" ? 0 : 1}`,
  output: "",
  ms: 100,
  ...given,
});
