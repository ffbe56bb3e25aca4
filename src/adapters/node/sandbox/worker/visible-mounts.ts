import type { MountOrder, ProgramOrder } from "../protocol.ts";
import { visibleLayers } from "./lower-view.ts";

/** The order with mounts of only those layers that can be seen. */
export function withVisibleMounts(order: ProgramOrder): ProgramOrder {
  return { ...order, mounts: order.mounts.map(visible) };
}

function visible(mount: MountOrder): MountOrder {
  if (mount.kind === "files") return { ...mount, layers: seen(mount.layers) };
  if (mount.kind === "cache" && mount.seed !== undefined) return { ...mount, seed: { ...mount.seed, layers: seen(mount.seed.layers) } };
  return mount;
}

const FOLDER = "layers/";
const seen = (layers: readonly string[]): string[] => visibleLayers(layers.map((layer) => FOLDER + layer)).map((path) => path.slice(FOLDER.length));
