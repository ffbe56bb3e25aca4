import { join, resolve } from "node:path";
import type { World } from "../adapters/node/world.ts";

/** Where state lives: what was asked for, else `$MULTIHULL_STORE`, else `$XDG_CACHE_HOME/multihull`, else `~/.cache/multihull`. */
export function storeFolder(world: Pick<World, "env" | "cwd" | "home">, asked?: string): string {
  const chosen = asked || world.env.MULTIHULL_STORE;
  if (chosen) return resolve(world.cwd, chosen);
  const cache = world.env.XDG_CACHE_HOME;
  return join(cache?.startsWith("/") ? cache : join(world.home, ".cache"), "multihull");
}
