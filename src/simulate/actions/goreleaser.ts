import type { SourceFile } from "../../core/span.ts";
import type { ActionModel, ActionStep } from "../action-model.ts";
import type { Build, Operation } from "../operation.ts";
import type { Hole, Text, Texts } from "../text.ts";
import { knownText, OFF, textOf } from "../text.ts";
import { buildOf, outcome, unknownText } from "./asked.ts";
import { listValue, mapValue, textValue, textValues, type YamlValue, yamlValue } from "./yaml-value.ts";

/** goreleaser/goreleaser-action: builds and publishes what `.goreleaser.yaml` says; images by the current builder, or by `docker build`. */
export const goreleaser: ActionModel = {
  uses: ["goreleaser/goreleaser-action"],
  model: (step) => {
    if (step.inputs.switch("install-only", false).value === true) return outcome([]);
    return outcome(releaseOperations(step, textOf(step.inputs.text("args"))));
  },
};

const NAMES = [".config/goreleaser.yml", ".config/goreleaser.yaml", ".goreleaser.yml", ".goreleaser.yaml", "goreleaser.yml", "goreleaser.yaml"];
const NO_RELEASE = /^(?:check|healthcheck|init|completion|jsonschema|help|man|changelog|build)\b|--help\b|--version\b/;

/** What the command does with images; one doubt where its arguments or its file cannot be read. */
function releaseOperations(step: ActionStep, args: string | undefined): readonly Operation[] {
  if (args !== undefined && NO_RELEASE.test(args.trim())) return [];
  const file = configFile(step, args);
  const config = file === undefined || args === undefined ? undefined : configOf(file);
  if (config === undefined || file === undefined || args === undefined) {
    return [{ kind: "doubt", place: step.place, sentence: "nobody knows which images goreleaser builds here", about: ["image"] }];
  }
  const snapshot = /(?:^|\s)--(?:snapshot|auto-snapshot)\b/.test(args);
  const skipped = new Set([...args.matchAll(/--skip(?:=|\s+)([\w,-]+)/g)].flatMap(([, list = ""]) => list.split(",")));
  if (skipped.has("docker")) return [];
  const publishes = !snapshot && !skipped.has("publish");
  const reader = new ConfigReader(step, file, publishes);
  return [...reader.classic(config), ...reader.current(config), ...(publishes ? reader.manifests(config) : [])];
}

/** Read once for all walks. */
const configs = new WeakMap<SourceFile, { readonly value: Section | undefined }>();

function configOf(file: SourceFile): Section | undefined {
  const known = configs.get(file) ?? { value: mapValue(yamlValue(file.name, file.text)) };
  configs.set(file, known);
  return known.value;
}

function configFile({ inputs, readers }: ActionStep, args: string | undefined): SourceFile | undefined {
  const folder =
    textOf(inputs.text("workdir"))
      ?.replace(/^\.\/?/, "")
      .replace(/\/+$/, "") ?? "";
  if (inputs.text("workdir") !== undefined && textOf(inputs.text("workdir")) === undefined) return undefined;
  const told = /(?:^|\s)(?:-f|--config)(?:=|\s+)(\S+)/.exec(args ?? "")?.[1];
  for (const name of told === undefined ? NAMES : [told.replace(/^\.\//, "")]) {
    const read = readers.files.read(folder === "" ? name : `${folder}/${name}`);
    if (read.kind === "text") return read.file;
  }
  return undefined;
}

type Section = { readonly [key: string]: YamlValue };

/** Reads the sections of one configuration. Templates (`{{ .Version }}`) are what only the run knows. */
class ConfigReader {
  readonly #step: ActionStep;
  readonly #file: SourceFile;
  readonly #publishes: boolean;

  constructor(step: ActionStep, file: SourceFile, publishes: boolean) {
    this.#step = step;
    this.#file = file;
    this.#publishes = publishes;
  }

  /** `dockers`: one platform each, loaded into Docker's store, then pushed. */
  classic(config: Section): Operation[] {
    return sectionsOf(config, "dockers").flatMap((docker) => {
      const templates = textValues(docker.image_templates);
      const flags = textValues(docker.build_flag_templates);
      const platform = flags.flatMap((flag) => /^--platform=(.+)$/.exec(flag)?.[1] ?? []).at(-1);
      const buildx = textValue(docker.use) === "buildx";
      const podman = textValue(docker.use) === "podman";
      const build = this.#build(docker, {
        through: podman ? "podman" : buildx ? "goreleaser" : "docker build",
        platforms: this.#texts(platform?.split(",") ?? []),
        tags: this.#texts(templates),
        load: buildx ? { value: true, atoms: [], place: undefined } : OFF,
        buildArgs: this.#texts(flags.flatMap((flag) => /^--build-arg=(.+)$/.exec(flag)?.[1] ?? [])),
        labels: this.#texts(flags.flatMap((flag) => /^--label=(.+)$/.exec(flag)?.[1] ?? [])),
        builder: this.#optional(flags.flatMap((flag) => /^--builder=(.+)$/.exec(flag)?.[1] ?? []).at(-1)),
        stage: this.#optional(flags.flatMap((flag) => /^--target=(.+)$/.exec(flag)?.[1] ?? []).at(-1)),
      });
      const pushes = this.#publishes && textValue(docker.skip_push) !== "true";
      const tool = podman ? "podman" : "docker";
      return [
        build,
        ...(pushes ? templates.map((name): Operation => ({ kind: "push-image", place: build.place, tool, image: this.#text(name), platform: undefined })) : []),
      ];
    });
  }

  /** `dockers_v2`: all platforms in one build, pushed by it; a snapshot builds and loads each platform alone. */
  current(config: Section): Operation[] {
    return sectionsOf(config, "dockers_v2").flatMap((docker) => {
      const given = textValues(docker.platforms);
      const platforms = given.length > 0 ? given : ["linux/amd64", "linux/arm64"];
      const tags = textValues(docker.images).flatMap((image) => textValues(docker.tags).map((tag) => `${image}:${tag}`));
      const more = {
        through: "goreleaser",
        tags: this.#texts(tags),
        buildArgs: this.#texts(Object.entries(mapValue(docker.build_args) ?? {}).map(([name, value]) => `${name}=${textValue(value) ?? ""}`)),
        sbom: textValue(docker.sbom) === "false" || !this.#publishes ? undefined : knownText("true", this.#step.place),
      } as const;
      const yes = { value: true, atoms: [], place: undefined } as const;
      if (this.#publishes) return [this.#build(docker, { ...more, platforms: this.#texts(platforms), push: yes })];
      return platforms.map((platform) => this.#build(docker, { ...more, platforms: this.#texts([platform]), load: yes }));
    });
  }

  /** `docker_manifests`: an index of images that were pushed. */
  manifests(config: Section): Operation[] {
    const { place } = this.#step;
    return sectionsOf(config, "docker_manifests").flatMap((section): Operation[] => {
      const name = textValue(section.name_template);
      if (name === undefined || textValue(section.skip_push) === "true") return [];
      const tool = textValue(section.use) === "podman" ? "podman" : "docker manifest";
      const index = { place, tool, amend: undefined, builder: undefined, pushes: false } as const;
      const names = this.#texts([name]);
      return [
        { kind: "create-index", ...index, names, sources: this.#texts(textValues(section.image_templates)) },
        { kind: "push-index", place, tool, name: this.#text(name), all: undefined },
      ];
    });
  }

  /** The context is a folder of its making, with what it built: only the Dockerfile is the repository's. */
  #build(docker: Section, told: Partial<Omit<Build, "kind" | "place">> & Pick<Build, "through">): Build {
    const { through, ...rest } = told;
    const file = textValue(docker.dockerfile) ?? "Dockerfile";
    const folder = this.#file.name.replace(/(?:\.config\/)?[^/]*$/, "");
    return buildOf(this.#step.place, through, {
      file: this.#text(`${folder}${file.replace(/^\.\//, "")}`),
      context: unknownText("a folder of goreleaser's own making", this.#step.place),
      ...rest,
    });
  }

  #optional(template: string | undefined): Text | undefined {
    return template === undefined ? undefined : this.#text(template);
  }

  #texts(templates: readonly string[]): Texts {
    return { items: templates.map((template) => this.#text(template)), open: false, place: templates.length === 0 ? undefined : this.#step.place };
  }

  #text(template: string): Text {
    const parts: (string | Hole)[] = template
      .split(/(\{\{[^{}]*\}\})/)
      .filter((part) => part !== "")
      .map((part) => (part.startsWith("{{") ? { source: part.slice(2, -2).trim(), atoms: [] } : part));
    return { parts, place: this.#step.place };
  }
}

/** The entries of a list that are maps, without those that are switched off. */
const sectionsOf = (config: Section, name: string): Section[] =>
  (listValue(config[name]) ?? []).flatMap((entry) => {
    const section = mapValue(entry);
    return section === undefined || textValue(section.disable) === "true" || textValue(section.skip) === "true" ? [] : [section];
  });
