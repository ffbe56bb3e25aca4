import type { Lease } from "../store/lease.ts";
import type { EnteredWorld } from "./enter/candidates.ts";
import type { IdRange } from "./enter/id-ranges.ts";
import type { TryReport } from "./protocol.ts";
import type { WardenAddress } from "./warden-request.ts";

/** A running warden, seen from the builder. */
export interface Warden {
  readonly world: EnteredWorld;
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
  /** Ids that the namespace has: `[0, ids)`. */
  readonly ids: number;
  /** Absolute path of the area. */
  readonly area: string;
  /** A short path of the area's `run`, for sockets: their addresses may not be long. */
  readonly runFolder: string;
  /** Whether overlay mounts work upon the area (tried). */
  readonly overlay: boolean;
  /** Architectures (Go's names) whose emulator is registered in our own binfmt_misc. */
  readonly registered: readonly string[];
  /** Why the emulators that were asked for are not registered; absent: they are, or there were none. */
  readonly registrationError?: string;
  /** Names this builder and what it holds in the area. */
  readonly lease: Lease;
  readonly address: WardenAddress;
  /** Runs a small static program inside, as it is: tells what the kernel does with it. @param program  its bytes */
  tryProgram(program: Uint8Array, signal?: AbortSignal): Promise<TryReport>;
  /** Ends it and everything in it, and removes what its programs had. Any number of times. */
  close(): Promise<void>;
}
