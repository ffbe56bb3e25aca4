import type { BlobStore } from "../../image/blob-store.ts";
import type { RegistryStorage } from "./storage.ts";
import type { UploadSessions } from "./upload-sessions.ts";

/** What every endpoint works with. */
export interface RegistryContext {
  readonly storage: RegistryStorage;
  readonly blobs: BlobStore;
  readonly uploads: UploadSessions;
  /** See `RegistryOptions`. */
  readonly sparse: boolean;
}
