import { byCodeUnit } from "../core/order.ts";
import type { Platform } from "../core/platform.ts";
import { type Healthcheck, type HistoryEntry, type ImageConfig, RUN_CONFIG_KEYS, type RunConfig } from "./config.ts";
import { type Descriptor, describe } from "./descriptor.ts";
import type { Document, Index, Manifest } from "./manifest.ts";

// Our own documents look as BuildKit's do: fields in the order of Go's structs, absent and empty ones left out, manifests and indexes indented by two spaces,
// configs compact with sorted keys, `<`, `>` and `&` escaped. Sources: buildkit exporter/containerimage/writer.go, image-spec specs-go/v1, docker-image-spec
// specs-go/v1, Go encoding/json; read 2026-11-22.

/** An image manifest, written by us. */
export function encodeManifest(manifest: Manifest): Document<Manifest> {
  const bytes = goJson(
    {
      schemaVersion: 2,
      mediaType: manifest.mediaType,
      artifactType: filled(manifest.artifactType),
      config: descriptorFields(manifest.config),
      layers: manifest.layers.map(descriptorFields),
      subject: manifest.subject && descriptorFields(manifest.subject),
      annotations: sorted(manifest.annotations),
    },
    2,
  );
  return { bytes, descriptor: describe(manifest.mediaType, bytes), value: manifest };
}

/** An index, written by us; with an indent of 0 in one line, as containerd writes `index.json`. */
export function encodeIndex(index: Index, indent = 2): Document<Index> {
  const bytes = goJson(
    {
      schemaVersion: 2,
      mediaType: index.mediaType,
      artifactType: filled(index.artifactType),
      manifests: index.manifests.map(descriptorFields),
      subject: index.subject && descriptorFields(index.subject),
      annotations: sorted(index.annotations),
    },
    indent,
  );
  return { bytes, descriptor: describe(index.mediaType, bytes), value: index };
}

/** An image's config: known fields in their order, then what else a base's config holds, sorted. */
export function encodeConfig(config: ImageConfig): Uint8Array {
  return goJson(
    sorted({
      ...config,
      config: config.config && runConfigFields(config.config),
      history: config.history?.map(historyFields),
      rootfs: { type: config.rootfs.type, diff_ids: config.rootfs.diff_ids },
    }),
  );
}

/** A descriptor in the order in which Go's `Descriptor` prints. */
function descriptorFields(d: Descriptor): Record<string, unknown> {
  return {
    mediaType: d.mediaType,
    digest: d.digest,
    size: d.size,
    urls: filled(d.urls),
    annotations: sorted(d.annotations),
    data: filled(d.data),
    platform: d.platform && platformFields(d.platform),
    artifactType: filled(d.artifactType),
  };
}

const platformFields = (p: Platform): Record<string, unknown> => ({
  architecture: p.architecture,
  os: p.os,
  "os.version": filled(p["os.version"]),
  "os.features": filled(p["os.features"]),
  variant: filled(p.variant),
});

const RUN_CONFIG_ORDER = ["Hostname", ...RUN_CONFIG_KEYS];
const HEALTHCHECK_ORDER = ["Test", "Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"] as const satisfies readonly (keyof Healthcheck)[];
const HISTORY_ORDER = ["created", "created_by", "author", "comment", "empty_layer"] as const satisfies readonly (keyof HistoryEntry)[];

const runConfigFields = (config: RunConfig): Record<string, unknown> =>
  ordered(
    {
      ...config,
      ExposedPorts: sorted(config.ExposedPorts),
      Volumes: sorted(config.Volumes ?? undefined),
      Labels: sorted(config.Labels ?? undefined),
      Healthcheck: config.Healthcheck && ordered(config.Healthcheck, HEALTHCHECK_ORDER),
    },
    RUN_CONFIG_ORDER,
  );

const historyFields = (entry: HistoryEntry): Record<string, unknown> => ordered(entry, HISTORY_ORDER);

/** Known fields first, the rest sorted; known ones are left out when empty, as Go's `omitempty` does. */
function ordered(fields: object, order: readonly string[]): Record<string, unknown> {
  const values = fields as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const key of order) result[key] = filled(values[key]);
  for (const key of Object.keys(values).sort(byCodeUnit)) if (!order.includes(key)) result[key] = values[key];
  return result;
}

/** Undefined for what Go takes for empty. */
function filled(value: unknown): unknown {
  if (value === null || value === "" || value === 0 || value === false) return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value;
  return typeof value === "object" && Object.keys(value).length === 0 ? undefined : value;
}

function sorted(fields: object | undefined): Record<string, unknown> | undefined {
  if (fields === undefined || Object.keys(fields).length === 0) return undefined;
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => byCodeUnit(a, b)));
}

/** JSON as Go's encoder prints it: what HTML would take for markup is escaped. */
function goJson(value: unknown, indent?: number): Uint8Array {
  const text = JSON.stringify(value, undefined, indent).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return Buffer.from(text, "utf8");
}
