import type { World } from "../adapters/node/world.ts";
import type { LookedUp } from "./base-images.ts";
import type { Survey } from "./diagnose.ts";
import type { OnlineOptions } from "./doctor.ts";

/** Asks registries where the request says so; else nobody, and loads nothing that could. */
export async function askOnline(seen: Survey, request: OnlineOptions, world: World): Promise<LookedUp> {
  if (request.online !== true) return { images: new Map(), unreached: [] };
  const [{ lookUpBaseImages }, { openClient }] = await Promise.all([import("./base-images.ts"), import("./session.ts")]);
  const client = openClient(world, request);
  try {
    return await lookUpBaseImages(seen, client, { signal: request.signal });
  } finally {
    await client.close();
  }
}
