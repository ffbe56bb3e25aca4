import type { Place } from "../core/span.ts";
import { buildOf } from "../simulate/actions/asked.ts";
import type { Build } from "../simulate/operation.ts";
import { knownText, OFF, type Switch, type Text, type Texts } from "../simulate/text.ts";

/** A build that someone would start on this machine. */
export interface BuildAsk {
  /** As written; not normalized. Empty: the builder's own. */
  readonly platforms: readonly string[];
  /** Default: `docker buildx build`. */
  readonly through?: "docker buildx build" | "docker build";
  readonly builder?: string;
  readonly tags?: readonly string[];
  readonly push?: boolean;
  readonly load?: boolean;
  /** CSV values of --output. */
  readonly outputs?: readonly string[];
  /** CSV values of --cache-to. */
  readonly cacheTo?: readonly string[];
  readonly provenance?: string;
  readonly sbom?: string;
  /** Of the environment, where it decides: DOCKER_BUILDKIT. What names endpoint and builder is in the facts already. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** The command line that asks it. */
export interface AskedBuild {
  /** `docker buildx build --platform linux/amd64,linux/arm64 .` */
  readonly command: string;
  /** The first flag of it; undefined for a build without any. */
  readonly firstFlag: string | undefined;
  readonly build: Build;
}

/** A build as people type it, and as a step's would be judged; all places are in the command line. */
export function askedBuild(ask: BuildAsk): AskedBuild {
  const { through = "docker buildx build", platforms, builder, tags = [], outputs = [], cacheTo = [], provenance, sbom } = ask;
  const flag = (name: string, value: string | undefined): readonly string[] => (value === undefined ? [] : [`${name}=${value}`]);
  const given = [
    ...(platforms.length === 0 ? [] : [`--platform ${platforms.join(",")}`]),
    ...(builder === undefined ? [] : [`--builder ${builder}`]),
    ...tags.map((tag) => `--tag ${tag}`),
    ...outputs.map((output) => `--output ${output}`),
    ...cacheTo.map((cache) => `--cache-to ${cache}`),
    ...flag("--provenance", provenance),
    ...flag("--sbom", sbom),
    ...(ask.push === true ? ["--push"] : []),
    ...(ask.load === true ? ["--load"] : []),
  ];
  const command = [through, ...given, "."].join(" ");
  const place: Place = { file: { name: "command line", text: command }, span: { start: 0, end: command.length } };
  const text = (value: string): Text => knownText(value, place);
  const texts = (values: readonly string[]): Texts => ({ items: values.map(text), open: false, place });
  const turned = (on: boolean | undefined): Switch => (on === true ? { value: true, atoms: [], place } : OFF);
  const build = buildOf(place, through, {
    builder: builder === undefined ? undefined : text(builder),
    platforms: texts(platforms),
    tags: texts(tags),
    outputs: texts(outputs),
    cacheTo: texts(cacheTo),
    provenance: provenance === undefined ? undefined : text(provenance),
    sbom: sbom === undefined ? undefined : text(sbom),
    push: turned(ask.push),
    load: turned(ask.load),
  });
  const variables = Object.entries(ask.variables ?? {}).map(([name, value]): [string, Text] => [name, text(value)]);
  return { command, firstFlag: given[0]?.split(/[ =]/)[0], build: { ...build, variables: new Map(variables) } };
}
