import { type Digest, digestOf, isDigest } from "../core/digest.ts";
import type { ImageConfig, RunConfig } from "./config.ts";
import { FieldReader, type Fields, isObject, readJsonObject } from "./json.ts";

/** Entries of an image's history, variables, labels …: far above what any Dockerfile makes. */
const LIST_LIMIT = 20_000;

/**
 * Reads an image's config. What we know is checked for its type, `null` is absent, unknown fields are kept.
 * @throws {ProblemError} `manifest-invalid` | `limit-exceeded`
 */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const what = `config ${digestOf(bytes)}`;
  const fields = readJsonObject(bytes, what);
  const reader = new FieldReader(fields, what);
  reader.string("architecture");
  reader.string("os");
  for (const field of ["variant", "os.version", "created", "author"]) reader.stringIfAny(field);
  reader.stringsIfAny("os.features", LIST_LIMIT);
  const rootfs = reader.objectIfAny("rootfs") ?? reader.refuse("rootfs", "an object");
  const config = reader.objectIfAny("config");
  const history = reader.listIfAny("history", LIST_LIMIT);
  const checked: Fields = {
    ...withoutNulls(fields),
    rootfs: parseRootfs(rootfs, `${what} rootfs`),
    ...(config === undefined ? {} : { config: parseRunConfig(config, `${what} config`) }),
    ...(history === undefined ? {} : { history: history.map((entry, i) => parseHistoryEntry(entry, i, what)) }),
  };
  return checked as unknown as ImageConfig;
}

function parseRootfs(fields: Fields, where: string): ImageConfig["rootfs"] {
  const reader = new FieldReader(fields, where);
  if (reader.string("type") !== "layers") reader.refuse("type", '"layers"');
  const ids = reader.stringsIfAny("diff_ids", LIST_LIMIT) ?? [];
  if (!ids.every((id): id is Digest => isDigest(id))) reader.refuse("diff_ids", 'a list of digests ("sha256:" and 64 lower-case hex digits)');
  return { type: "layers", diff_ids: ids as readonly Digest[] };
}

function parseRunConfig(fields: Fields, where: string): RunConfig {
  const reader = new FieldReader(fields, where);
  for (const field of ["Hostname", "User", "WorkingDir", "StopSignal"]) reader.stringIfAny(field);
  for (const field of ["Env", "Entrypoint", "Cmd", "OnBuild", "Shell"]) reader.stringsIfAny(field, LIST_LIMIT);
  for (const field of ["ExposedPorts", "Volumes"]) reader.objectIfAny(field);
  reader.stringMapIfAny("Labels");
  const health = reader.objectIfAny("Healthcheck");
  if (health !== undefined) {
    const check = new FieldReader(health, `${where} Healthcheck`);
    check.stringsIfAny("Test", LIST_LIMIT);
    for (const field of ["Interval", "Timeout", "StartPeriod", "StartInterval", "Retries"]) {
      if (health[field] !== undefined && health[field] !== null && typeof health[field] !== "number") check.refuse(field, "a number");
    }
  }
  return withoutNulls(fields) as RunConfig;
}

function parseHistoryEntry(entry: unknown, i: number, what: string): Fields {
  const holder = new FieldReader({ [`history[${i}]`]: entry }, what);
  if (!isObject(entry)) return holder.refuse(`history[${i}]`, "an object");
  const reader = new FieldReader(entry, `${what} history[${i}]`);
  for (const field of ["created", "created_by", "author", "comment"]) reader.stringIfAny(field);
  if (entry.empty_layer !== undefined && entry.empty_layer !== null && typeof entry.empty_layer !== "boolean") reader.refuse("empty_layer", "true or false");
  return withoutNulls(entry);
}

const withoutNulls = (fields: Fields): Fields => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
