import { digestOf, hexOf } from "../core/digest.ts";
import { formatPlatform, platformOf } from "../core/platform.ts";
import { dockerFolder, type Env } from "./docker-endpoint.ts";
import { fields, fieldsIn, list, text } from "./json.ts";
import type { HostFiles } from "./ports.ts";

/** A builder as its file in Buildx's folder declares it. */
export interface DeclaredBuilder {
  readonly name: string;
  /** As written: `docker-container`. */
  readonly driver: string;
  readonly nodes: readonly DeclaredNode[];
}

export interface DeclaredNode {
  readonly name: string;
  readonly endpoint: string;
  readonly platforms: readonly string[];
  readonly driverOptions: ReadonlyMap<string, string>;
}

/** A file of a builder that makes no sense: Buildx refuses to list any builder while it is there. */
export interface BrokenBuilder {
  readonly name: string;
  /** Its path: Buildx cannot remove it, because it reads it first. */
  readonly file: string;
  readonly why: string;
}

/** Of a folder, as many are read. */
const BUILDER_LIMIT = 100;

/** Where Buildx keeps its builders. @see docker/buildx util/confutil/config.go, read 2026-11-22 */
export const buildxFolder = (env: Env, home: string): string => env.BUILDX_CONFIG || `${dockerFolder(env, home)}/buildx`;

/** All builders that were made, by name. @see docker/buildx store/store.go and nodegroup.go, read 2026-11-22 */
export function declaredBuilders(folder: string, files: HostFiles): readonly (DeclaredBuilder | BrokenBuilder)[] {
  return files
    .list(`${folder}/instances`)
    .slice(0, BUILDER_LIMIT)
    .flatMap((name) => declaredBuilder(folder, name, files));
}

function declaredBuilder(folder: string, name: string, files: HostFiles): (DeclaredBuilder | BrokenBuilder)[] {
  const path = `${folder}/instances/${name}`;
  const file = files.read(path, true);
  if (file.kind === "absent") return [];
  if (file.kind !== "text") return [{ name, file: path, why: file.kind === "unreadable" ? file.why : "it is a link" }];
  const group = fieldsIn(file.text);
  const nodes = list(group?.Nodes).map(fields);
  if (group === undefined || nodes.length === 0) return [{ name, file: path, why: "it is no description of a builder" }];
  return [
    {
      name: text(group.Name) ?? name,
      driver: text(group.Driver) ?? "",
      nodes: nodes.map((node) => ({
        name: text(node.Name) ?? "",
        endpoint: text(node.Endpoint) ?? "",
        platforms: list(node.Platforms).map((one) => formatPlatform(platformOf(platformFields(one)))),
        driverOptions: new Map(Object.entries(fields(node.DriverOpts)).flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : []))),
      })),
    },
  ];
}

function platformFields(value: unknown): Parameters<typeof platformOf>[0] {
  const { os, architecture, variant } = fields(value);
  return { os: text(os), architecture: text(architecture), variant: text(variant) };
}

/**
 * The builder that was chosen (`buildx use`, `create --use`) for an endpoint; undefined when none was, or it is not there any more.
 * @param key  the context's name; its address for `default` @param exists  whether there is a builder of a name
 * @see docker/buildx store/store.go, Current, read 2026-11-22
 */
export function selectedBuilder(folder: string, key: string, files: HostFiles, exists: (name: string) => boolean): string | undefined {
  const current = files.read(`${folder}/current`, true);
  const { Name, Key, Global } = fields(current.kind === "text" ? fieldsIn(current.text) : undefined);
  const name = text(Name);
  if (name) {
    if (Global === true && exists(name)) return name;
    if (Key === key) return exists(name) ? name : undefined;
  }
  const usual = files.read(`${folder}/defaults/${hexOf(digestOf(key)).slice(0, 20)}`, true);
  return usual.kind === "text" && exists(usual.text) ? usual.text : undefined;
}
