import { formatPlatform } from "../../core/platform.ts";
import { remembered } from "../../core/remembered.ts";
import type { TreeNode } from "../../image/tree.ts";
import type { Binary } from "../binary/binary.ts";
import { architecturesOf, kindOf, type Misfit, misfitOf } from "../binary/fit.ts";
import type { ImageLayer, PlatformImage } from "../subject.ts";
import { bundlesIn, isNamedForMachine } from "./bundled.ts";

/** A program or library that is made for another architecture than the platform's. */
export interface ForeignFile {
  /** Absolute. */
  readonly path: string;
  readonly node: TreeNode<ImageLayer>;
  readonly binary: Binary;
  readonly misfit: Misfit;
}

/** What of an image is made for other architectures, by cause, so that each is told once. */
export interface Foreign {
  /** Everything, or all of the base: `image-of-other-architecture` tells it, other rules are silent about these files. */
  readonly whole: ForeignWhole | undefined;
  /** The rest, by layer and architecture, the lowest layer first; what is there on purpose is left out. */
  readonly groups: readonly ForeignGroup[];
}

export interface ForeignGroup {
  readonly layer: ImageLayer;
  /** Of {@link Misfit.got}. */
  readonly got: string;
  readonly files: readonly ForeignFile[];
}

export interface ForeignWhole {
  /** `base`: all of the lowest layers, while those above have what fits. */
  readonly scope: "image" | "base";
  readonly got: string;
  readonly wanted: string;
  readonly runs: Misfit["runs"];
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
  readonly files: readonly ForeignFile[];
  /** Programs and libraries that do fit, in the same layers. */
  readonly fitting: number;
}

/** Of what a layer or an image has, this much makes it one of another architecture: a wrong base still has some file that somebody put right. */
const NEARLY_ALL = 0.9;
/** Fewer do not make an image. */
const FEWEST = 2;
const FEWEST_IN_BASE = 3;

/** What one layer has of programs and libraries whose place says nothing of a machine. */
interface Share {
  readonly foreign: ForeignFile[];
  fitting: number;
}

/** Remembered for each image; nothing where the file system is not known. */
export const foreignOf: (image: PlatformImage) => Foreign = remembered((image) => {
  const shares = new Map<ImageLayer, Share>();
  const all: ForeignFile[] = [];
  for (const { path, node, source, binary } of binariesOf(image)) {
    const misfit = misfitOf(binary, image.platform);
    const foreign = misfit !== undefined && isOfOtherArchitecture(misfit) ? { path: `/${path}`, node, binary, misfit } : undefined;
    if (foreign !== undefined) all.push(foreign);
    if (isNamedForMachine(path)) continue;
    const share = shares.get(source) ?? { foreign: [], fitting: 0 };
    shares.set(source, share);
    if (foreign === undefined) share.fitting++;
    else share.foreign.push(foreign);
  }
  const whole = wholeOf(
    [...shares].sort(([a], [b]) => a.number - b.number),
    all,
  );
  const told = new Set(whole?.files);
  const isBundled = image.files === undefined ? () => true : bundlesIn(image.files);
  const strays = all.filter((file) => !told.has(file) && file.misfit.runs === "never" && !isBundled(file.path.slice(1), architecturesOf(file.binary)));
  return { whole, groups: grouped(strays) };
});

/** Whether another rule of what starts already tells that this file does not fit. */
export const isToldForeign = (image: PlatformImage, path: string): boolean => foreignOf(image).whole?.files.some((file) => file.path === path) === true;

/** Not merely a level or an ABI of the same one. */
export const isOfOtherArchitecture = ({ what }: Misfit): boolean => what === "machine" || what === "bits" || what === "byte-order" || what === "format";

/** `linux/arm64`, for messages. */
export const platformName = ({ platform }: PlatformImage): string => formatPlatform(platform);

function* binariesOf({ files, platform }: PlatformImage): Generator<{ path: string; node: TreeNode<ImageLayer>; source: ImageLayer; binary: Binary }> {
  if (files === undefined) return;
  for (const [path, node] of files.walk()) {
    const { source } = node;
    const binary = node.type === "file" ? source?.contents?.binaries.get(node.offset) : undefined;
    if (binary === undefined || source === undefined) continue;
    // Windows' formats lie in Linux images for many reasons (.NET's libraries, installers), and the other way round.
    if ((platform.os === "windows") !== (binary.format === "pe") || binary.format === "macho") continue;
    const kind = kindOf(binary);
    if (kind === "program" || kind === "library") yield { path, node, source, binary };
  }
}

function wholeOf(shares: readonly (readonly [ImageLayer, Share])[], all: readonly ForeignFile[]): ForeignWhole | undefined {
  const image = totalOf(shares.map(([, share]) => share));
  if (isNearlyAll(image, FEWEST)) return wholeFrom("image", shares, image, all);
  const end = shares.findIndex(([, share]) => share.foreign.length === 0 || !isNearlyAll(share, 1));
  const lowest = end === -1 ? shares : shares.slice(0, end);
  const base = totalOf(lowest.map(([, share]) => share));
  return isNearlyAll(base, FEWEST_IN_BASE) ? wholeFrom("base", lowest, base, all) : undefined;
}

function wholeFrom(
  scope: ForeignWhole["scope"],
  shares: readonly (readonly [ImageLayer, Share])[],
  total: Share,
  all: readonly ForeignFile[],
): ForeignWhole | undefined {
  const [first] = total.foreign;
  if (first === undefined) return undefined;
  const { got, wanted, runs } = first.misfit;
  const layers = shares.filter(([, { foreign }]) => foreign.length > 0).map(([layer]) => layer);
  const those = new Set<ImageLayer | undefined>(layers);
  const files = all.filter(({ node, misfit }) => those.has(node.source) && misfit.got === got);
  return { scope, got, wanted, runs, layers, files, fitting: total.fitting };
}

const totalOf = (shares: readonly Share[]): Share => ({
  foreign: shares.flatMap(({ foreign }) => foreign),
  fitting: shares.reduce((sum, { fitting }) => sum + fitting, 0),
});

/** Of one other architecture, that is. */
function isNearlyAll({ foreign, fitting }: Share, fewest: number): boolean {
  const got = foreign[0]?.misfit.got;
  const same = foreign.filter(({ misfit }) => misfit.got === got).length;
  return same >= fewest && same / (foreign.length + fitting) >= NEARLY_ALL;
}

function grouped(files: readonly ForeignFile[]): readonly ForeignGroup[] {
  const groups = new Map<string, { readonly layer: ImageLayer; readonly got: string; readonly files: ForeignFile[] }>();
  for (const file of files) {
    const layer = file.node.source;
    if (layer === undefined) continue;
    const key = `${layer.number} ${file.misfit.got}`;
    const group = groups.get(key) ?? { layer, got: file.misfit.got, files: [] };
    groups.set(key, group);
    group.files.push(file);
  }
  return [...groups.values()].sort((a, b) => a.layer.number - b.layer.number);
}
