import { join } from "node:path";
import { hexOf } from "../../../core/digest.ts";
import type { Exclusive } from "../../../engine/exclusive.ts";
import type { StoreLayout } from "./layout.ts";
import type { Lease } from "./lease.ts";
import { withLock } from "./lock.ts";
import { makeFolder } from "./make-folder.ts";

/** Programs run for seconds and minutes: who waits for one need not look more often. */
const LOOK_AGAIN_MS = 50;

/** Work under a key, one process of those that share the store at a time. */
export function exclusiveIn(layout: StoreLayout, lease: Lease): Exclusive {
  return (key, act, signal) => {
    makeFolder(layout.locks);
    return withLock(join(layout.locks, hexOf(key)), lease, act, { lookAgainMs: LOOK_AGAIN_MS, signal });
  };
}
