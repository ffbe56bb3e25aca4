import { join } from "node:path/posix";
import { buildxDoes } from "../../facts/buildx.ts";
import type { HostFiles } from "../ports.ts";
import { type BuilderRegistries, registryTables } from "./buildx-registries.ts";
import type { HostChange } from "./change.ts";

/** Where configurations are. */
export interface ConfigAsk {
  /** Where a new builder's is written. */
  readonly configFolder: string;
  /** Buildx's own folder. */
  readonly buildxFolder?: string | undefined;
  /** Of Buildx. */
  readonly version: string;
}

/** The file of a new builder, and what is to be known of it. */
export interface BuilderConfig {
  readonly change: Extract<HostChange, { kind: "file" }> | undefined;
  readonly notes: readonly string[];
}

/** What Buildx gives to every builder that has no configuration of its own. */
const DEFAULT_CONFIG = "buildkitd.default.toml";

/** The new builder's configuration; none where nothing has to be said, so that Buildx's default holds. */
export function builderConfig(
  name: string,
  registries: BuilderRegistries,
  { configFolder, buildxFolder, version }: ConfigAsk,
  files: Pick<HostFiles, "read">,
): BuilderConfig {
  const tables = registryTables(registries);
  if (tables === "") return { change: undefined, notes: [] };
  const path = join(configFolder, `buildkitd-${name}.toml`);
  const defaults = buildxDoes("defaultBuildkitdConfig", version) && buildxFolder !== undefined ? join(buildxFolder, DEFAULT_CONFIG) : undefined;
  const read = defaults === undefined ? undefined : files.read(defaults, true);
  const own = read?.kind === "text" ? read.text : "";
  // Two tables of one registry make the file invalid, and taking it apart is not worth it.
  const joins = own !== "" && !own.includes("registry");
  const notes =
    own === "" || joins
      ? []
      : [
          `"${defaults}" has registries of its own and is not used by this builder: if you need it, make one by hand, with a file that has both (${registryWords(registries)})`,
        ];
  const existing = files.read(path, true);
  return {
    change: {
      kind: "file",
      path,
      before: existing.kind === "text" ? existing.text : undefined,
      after: joins ? `${own.trimEnd()}\n\n${tables}` : tables,
      about: `how the builder "${name}" speaks with registries, as Docker does here`,
    },
    notes,
  };
}

const registryWords = ({ registries }: BuilderRegistries): string => [...registries.keys()].join(", ");
