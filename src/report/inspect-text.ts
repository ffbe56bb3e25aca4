import { bytesText, countText } from "../core/quantity.ts";
import type { RunConfig } from "../image/config.ts";
import type { FileReport, ImageReport, PlatformReport } from "../image/image-report.ts";
import { clean } from "./clean.ts";

/** An image for people: head, then each platform with its config, layers and, when read, files. */
export function imageText(image: ImageReport): string {
  const head = [
    image.name,
    `  digest     ${image.digest}`,
    `  type       ${image.mediaType}`,
    `  platforms  ${image.platforms.map((p) => clean(p.platform)).join(", ") || "none"}`,
    ...Object.entries(image.annotations).map(([key, value]) => `  annotation ${clean(key)}=${clean(value)}`),
    ...image.others.map((other) => `  also       ${clean(other.type)} ${other.digest} (${bytesText(other.size)})`),
  ];
  return [...head, ...image.platforms.flatMap((platform) => ["", ...platformLines(platform)])].join("\n");
}

function platformLines(platform: PlatformReport): string[] {
  return [
    `${clean(platform.platform)}  ${bytesText(platform.size)} in ${countText(platform.layers.length, "layer")}`,
    `  digest     ${platform.digest}`,
    ...(platform.created === undefined ? [] : [`  created    ${clean(platform.created)}`]),
    ...configLines(platform.config),
    ...Object.entries(platform.annotations).map(([key, value]) => `  annotation ${clean(key)}=${clean(value)}`),
    ...platform.layers.map((layer) =>
      `  layer      ${layer.digest.slice(0, 19)}  ${bytesText(layer.size).padStart(9)}  ${layer.shared ? "shared  " : ""}${clean(layer.createdBy ?? "")}`.trimEnd(),
    ),
    ...fileLines(platform.files ?? []),
  ];
}

function configLines(config: RunConfig): string[] {
  const rows: (readonly [string, string | undefined])[] = [
    ["user", config.User],
    ["workdir", config.WorkingDir],
    ["entrypoint", jsonWords(config.Entrypoint)],
    ["cmd", jsonWords(config.Cmd)],
    ...(config.Env ?? []).map((env) => ["env", env] as const),
    ["ports", Object.keys(config.ExposedPorts ?? {}).join(", ")],
    ["volumes", Object.keys(config.Volumes ?? {}).join(", ")],
    ["stop", config.StopSignal],
    ["health", jsonWords(config.Healthcheck?.Test)],
    ...Object.entries(config.Labels ?? {}).map(([key, value]) => ["label", `${key}=${value}`] as const),
    ...(config.OnBuild ?? []).map((trigger) => ["onbuild", trigger] as const),
  ];
  return rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(10)} ${clean(value)}`] : []));
}

const jsonWords = (words: readonly string[] | null | undefined): string | undefined =>
  words == null || words.length === 0 ? undefined : JSON.stringify(words);

function fileLines(files: readonly FileReport[]): string[] {
  const width = Math.max(0, ...files.map((file) => file.owner.length));
  return files.map((file) => {
    const link = file.link === undefined ? "" : ` -> ${clean(file.link)}`;
    const size = file.type === "file" ? bytesText(file.size) : file.type;
    return `  file       ${file.mode} ${file.owner.padEnd(width)} ${size.padStart(9)}  ${clean(file.path)}${link}`;
  });
}
