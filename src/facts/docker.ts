import table from "../../data/docker.json" with { type: "json" };
import { rowAt } from "./dated.ts";

/** The release series of Docker Engine that `latest` meant at a date: `28.0`. */
export const latestDocker = (asOf: string): string => (rowAt(table.releases, asOf) ?? (table.releases[0] as { version: string })).version;

/** Since when a new daemon takes containerd's image store by itself. */
export const CONTAINERD_BY_DEFAULT: string = table.store.containerdByDefault;
/** Since when `features.containerd-snapshotter` is honoured; before the other version it is not even known. Between them it was an experiment. */
export const SNAPSHOTTER_FEATURE: { readonly works: string; readonly ignoredBefore: string } = table.store.featureFlag;

/** Whether a `storage-driver` of daemon.json is one of the classic store. */
export const isGraphDriver = (name: string): boolean => table.store.graphDrivers.includes(name);

/** Whether a `storage-driver` is also the name of one of containerd's snapshotters, so that both stores take it. */
export const isSnapshotterToo = (name: string): boolean => table.store.driversOfBothStores.includes(name);

/** How the containerd image store is turned on where Docker's configuration is a product's own; undefined for a product that we do not know. */
export const storeSettingOf = (product: string): string | undefined =>
  table.products.containerdStore.find((row) => product.toLowerCase().includes(row.product.toLowerCase()))?.act;

/** Whether an image is one of those that are known to hold no docker command. */
export function holdsNoDocker(image: string): boolean {
  const name = image
    .replace(/^docker\.io\//, "")
    .replace(/^library\//, "")
    .replace(/@.*$/, "")
    .replace(/:[^/]*$/, "");
  return table.imagesWithoutDocker.names.includes(name);
}
