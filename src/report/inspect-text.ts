import type { RunConfig } from "../image/config.ts";
import { bytesText, countText } from "./quantity.ts";

/** What `imageText` prints: the shape of `inspect`'s report, as far as people want to see it. */
export interface InspectedImage {
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platforms: readonly InspectedPlatform[];
  readonly others: readonly { readonly digest: string; readonly type: string; readonly size: number }[];
}

export interface InspectedPlatform {
  readonly platform: string;
  readonly digest: string;
  readonly size: number;
  readonly created?: string;
  readonly config: RunConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly layers: readonly { readonly digest: string; readonly size: number; readonly createdBy?: string; readonly shared: boolean }[];
  readonly files?: readonly {
    readonly path: string;
    readonly type: string;
    readonly mode: string;
    readonly owner: string;
    readonly size: number;
    readonly link?: string;
  }[];
}

/** An image for people: head, then each platform with its config, layers and, when read, files. */
export function imageText(image: InspectedImage): string {
  const head = [
    image.name,
    `  digest    ${image.digest}`,
    `  type      ${image.mediaType}`,
    `  platforms ${image.platforms.map((p) => p.platform).join(", ") || "none"}`,
    ...Object.entries(image.annotations).map(([key, value]) => `  annotation ${key}=${clean(value)}`),
    ...image.others.map((other) => `  also      ${other.type} ${other.digest} (${bytesText(other.size)})`),
  ];
  return [...head, ...image.platforms.flatMap((platform) => ["", ...platformLines(platform)])].join("\n");
}

function platformLines(platform: InspectedPlatform): string[] {
  return [
    `${platform.platform}  ${bytesText(platform.size)} in ${countText(platform.layers.length, "layer")}`,
    `  digest    ${platform.digest}`,
    ...(platform.created === undefined ? [] : [`  created   ${platform.created}`]),
    ...configLines(platform.config),
    ...Object.entries(platform.annotations).map(([key, value]) => `  annotation ${key}=${clean(value)}`),
    ...platform.layers.map((layer) =>
      `  layer     ${layer.digest.slice(0, 19)}  ${bytesText(layer.size).padStart(9)}  ${layer.shared ? "shared  " : ""}${clean(layer.createdBy ?? "")}`.trimEnd(),
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
  return rows.flatMap(([name, value]) => (value ? [`  ${name.padEnd(9)} ${clean(value)}`] : []));
}

const jsonWords = (words: readonly string[] | null | undefined): string | undefined =>
  words == null || words.length === 0 ? undefined : JSON.stringify(words);

function fileLines(
  files: readonly {
    readonly path: string;
    readonly type: string;
    readonly mode: string;
    readonly owner: string;
    readonly size: number;
    readonly link?: string;
  }[],
): string[] {
  const width = Math.max(0, ...files.map((file) => file.owner.length));
  return files.map((file) => {
    const link = file.link === undefined ? "" : ` -> ${clean(file.link)}`;
    const size = file.type === "file" ? bytesText(file.size) : file.type;
    return `  file      ${file.mode} ${file.owner.padEnd(width)} ${size.padStart(9)}  ${clean(file.path)}${link}`;
  });
}

/** Images are untrusted: nothing of theirs may move the cursor. */
const clean = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`);
