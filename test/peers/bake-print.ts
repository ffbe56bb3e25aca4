import type { BakeParts, BakeTarget, BakeText, BakeTexts } from "../../src/bake/bake-file.ts";

/** A target as `docker buildx bake --print` writes it, as far as we resolve it. */
export type Printed = Readonly<Record<string, unknown>>;

/** What is printed and not resolved here. */
const NOT_RESOLVED: ReadonlySet<string> = new Set(["description", "no-cache-filter", "shm-size", "ulimits", "extra-hosts", "resources", "policy"]);

const shown = (parts: BakeParts): string => parts.map((part) => (typeof part === "string" ? part : `<${part.source}>`)).join("");
const escaped = (text: string): string => text.replace(/[$%]\{/g, (mark) => `${mark[0]}${mark}`);

/** Ours in the form in which Buildx prints. */
export function printed(target: BakeTarget): Printed {
  const one = (text: BakeText | undefined): string | undefined => text && shown(text.parts);
  const many = (texts: BakeTexts): string[] | undefined => (texts.items.length === 0 ? undefined : texts.items.map((text) => shown(text.parts)));
  const pairs = (texts: BakeTexts, escapes: boolean): Record<string, string> | undefined => {
    const entries = many(texts)?.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const);
    return entries && Object.fromEntries(entries.map(([key, value]) => [key, escapes ? escaped(value) : value]));
  };
  const entries = (texts: BakeTexts, bare: (text: string) => object): object[] | undefined => many(texts)?.map((text) => entry(text, bare));
  const context = one(target.context) ?? ".";
  return withoutUndefined({
    context: context.includes("://") && !context.startsWith("cwd://") ? context : cleaned(context.replace(/^cwd:\/\//, "")),
    dockerfile: one(target.dockerfile) || "Dockerfile",
    "dockerfile-inline": target.inline && escaped(shown(target.inline.parts)),
    target: one(target.stage),
    network: one(target.network),
    call: one(target.call),
    tags: many(target.tags),
    platforms: many(target.platforms),
    annotations: many(target.annotations)?.map(escaped),
    entitlements: many(target.entitlements),
    output: entries(target.outputs, (text) => (text === "-" ? { type: "tar", dest: text } : { type: "local", dest: text })),
    "cache-from": entries(target.cacheFrom, (text) => ({ type: "registry", ref: text })),
    "cache-to": entries(target.cacheTo, (text) => ({ type: "registry", ref: text })),
    attest: entries(target.attests, () => ({})),
    secret: entries(target.secrets, () => ({})),
    ssh: many(target.ssh)?.map((text) => {
      const [id, paths] = text.split("=", 2);
      return paths === undefined ? { id } : { id, paths: paths.split(",") };
    }),
    args: pairs(target.args, true),
    contexts: pairs(target.contexts, false),
    labels: pairs(target.labels, true),
    "no-cache": target.noCache.place === undefined ? undefined : target.noCache.value,
    pull: target.pull.place === undefined ? undefined : target.pull.value,
  });
}

function entry(text: string, bare: (text: string) => object): object {
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
  if (fields.length === 1 && !text.includes("=")) return bare(text);
  const pairs = fields.map((field) => [field.slice(0, field.indexOf("=")).trim().toLowerCase(), field.slice(field.indexOf("=") + 1)] as const);
  return Object.fromEntries(pairs.filter((pair) => pair.join("=") !== "disabled=false").map(([key, value]) => [key, key === "disabled" ? true : value]));
}

function cleaned(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name === ".." && names.length > 0 && names.at(-1) !== "..") names.pop();
    else names.push(name);
  }
  return (path.startsWith("/") ? "/" : "") + names.join("/") || ".";
}

const withoutUndefined = (record: Record<string, unknown>): Printed => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

/** Theirs, without what we do not resolve. */
export function comparable(target: Printed): Printed {
  return Object.fromEntries(Object.entries(target).filter(([key]) => !NOT_RESOLVED.has(key)));
}
