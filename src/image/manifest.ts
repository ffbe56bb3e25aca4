import type { Descriptor } from "./descriptor.ts";

/** An image manifest, OCI or Docker schema 2. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image index (OCI) or manifest list (Docker). */
export interface Index {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest or index as it came: the bytes are the truth, `value` is our reading of them. */
export interface Document<T> {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
  readonly value: T;
}
