import type { Place } from "../../core/span.ts";
import type { BakeSwitch, BakeText, BakeTexts } from "../bake-file.ts";
import { csvField } from "../csv.ts";
import { goFlag } from "../from-environment.ts";
import { emptyLayer, type Layer, type ListName, type MapName, type NamedTexts, type SingleName, type SwitchName } from "../layer.ts";
import { targetName } from "../names.ts";
import { joined, merged } from "../value.ts";
import { type ComposeReader, type Fields, fieldsOf } from "./fields.ts";

const SINGLE_KEYS: readonly (readonly [string, SingleName])[] = [
  ["context", "context"],
  ["dockerfile", "dockerfile"],
  ["dockerfile_inline", "dockerfile-inline"],
  ["target", "target"],
  ["network", "network"],
];
const LIST_KEYS: readonly (readonly [string, ListName])[] = [
  ["tags", "tags"],
  ["platforms", "platforms"],
  ["cache_from", "cache-from"],
  ["cache_to", "cache-to"],
];
/** Of `x-bake`: all are added to what the service itself says. */
const EXTENSION_LISTS: readonly ListName[] = ["tags", "platforms", "cache-from", "cache-to", "secret", "ssh", "output"];
const SWITCH_KEYS: readonly (readonly [string, SwitchName])[] = [
  ["no_cache", "no-cache"],
  ["pull", "pull"],
];

/** What a service's `build` says, as a target; undefined for a service that builds nothing. `secrets` are the file's. */
export function serviceLayer(name: string, place: Place, service: Fields, secrets: Fields, reader: ComposeReader): Layer | undefined {
  const build = service.get("build");
  if (build === undefined || (build.kind === "scalar" && build.value === null)) return undefined;
  const singles = new Map<SingleName, BakeText>();
  const lists = new Map<ListName, BakeTexts>();
  const maps = new Map<MapName, NamedTexts>();
  const switches = new Map<SwitchName, BakeSwitch>();
  const fields = fieldsOf(build);
  if (build.kind === "scalar") setIf(singles, "context", reader.text(build));
  for (const [key, to] of SINGLE_KEYS) setIf(singles, to, notEmpty(reader.text(fields.get(key))));
  for (const [key, to] of LIST_KEYS) setIf(lists, to, reader.texts(fields.get(key)));
  setIf(maps, "args", reader.pairs(fields.get("args"), true));
  setIf(maps, "labels", reader.pairs(fields.get("labels"), false));
  setIf(maps, "contexts", linkedContexts(reader.pairs(fields.get("additional_contexts"), false)));
  for (const [key, to] of SWITCH_KEYS) setIf(switches, to, switchedOn(reader.flag(fields.get(key))));
  setIf(lists, "ssh", sshOf(fields, reader));
  setIf(lists, "secret", secretsOf(fields, secrets, reader));
  setIf(lists, "attest", attestsOf(fields, reader));
  extend(lists, maps, switches, fieldsOf(fields.get("x-bake")), reader);
  const image = notEmpty(reader.text(service.get("image")));
  if ((lists.get("tags")?.items.length ?? 0) === 0 && image !== undefined) lists.set("tags", { items: [image], open: false, place: image.place });
  return { ...emptyLayer(targetName(name), place), block: name, singles, lists, maps, switches };
}

function extend(
  lists: Map<ListName, BakeTexts>,
  maps: Map<MapName, NamedTexts>,
  switches: Map<SwitchName, BakeSwitch>,
  fields: Fields,
  reader: ComposeReader,
): void {
  for (const name of EXTENSION_LISTS) {
    const more = reader.words(fields.get(name));
    const before = lists.get(name);
    if (more !== undefined && more.items.length + (more.open ? 1 : 0) > 0)
      lists.set(name, before === undefined ? more : { ...more, items: [...before.items, ...more.items], open: before.open || more.open });
  }
  for (const name of ["no-cache", "pull"] as const) setIf(switches, name, reader.flag(fields.get(name)));
  const contexts = linkedContexts(reader.pairs(fields.get("contexts"), false));
  const before = maps.get("contexts");
  if (contexts !== undefined) maps.set("contexts", { ...contexts, entries: new Map([...contexts.entries, ...(before?.entries ?? [])]) });
}

function setIf<K, V>(map: Map<K, V>, key: K, value: V | undefined): void {
  if (value !== undefined) map.set(key, value);
}

const notEmpty = (text: BakeText | undefined): BakeText | undefined => (text?.parts.length === 0 ? undefined : text);
/** `false` is the same as nothing. */
const switchedOn = (given: BakeSwitch | undefined): BakeSwitch | undefined => (given?.value === false ? undefined : given);

/** `service:app` is the target of that service. */
function linkedContexts(named: NamedTexts | undefined): NamedTexts | undefined {
  if (named === undefined) return undefined;
  const entries = [...named.entries].map(([key, text]) => {
    const service = /^(?:service|target):(.*)$/.exec(joined(text.parts) ?? "")?.[1];
    return [key, service === undefined ? text : { parts: [`target:${targetName(service)}`], place: text.place }] as const;
  });
  return { ...named, entries: new Map(entries) };
}

function sshOf(fields: Fields, reader: ComposeReader): BakeTexts | undefined {
  const node = fields.get("ssh");
  const pairs = node?.kind === "mapping" ? reader.pairs(node, false) : undefined;
  if (pairs === undefined) return reader.texts(node);
  const items = [...pairs.entries].map(([key, { parts, place }]) => ({ parts: parts.length === 0 ? [key] : merged([`${key}=`, ...parts]), place }));
  return { items, open: false, place: pairs.place };
}

/** `id=…,src=…` of each secret, by what the file says of it. */
function secretsOf(fields: Fields, secrets: Fields, reader: ComposeReader): BakeTexts | undefined {
  const node = fields.get("secrets");
  if (node?.kind !== "sequence") return undefined;
  const items = node.items.flatMap((item) => {
    const source = reader.text(item) ?? reader.text(fieldsOf(item).get("source"));
    if (source === undefined) return [];
    const definition = fieldsOf(secrets.get(joined(source.parts) ?? ""));
    const [file, environment] = [reader.text(definition.get("file")), reader.text(definition.get("environment"))];
    const parts = [...csvField(merged(["id=", ...source.parts]))];
    if (file !== undefined) parts.push(",", ...csvField(merged(["src=", ...file.parts])));
    if (environment !== undefined) parts.push(",", ...csvField(merged(["env=", ...environment.parts])));
    return [{ parts: merged(parts), place: source.place }];
  });
  return { items, open: false, place: reader.texts(node)?.place };
}

function attestsOf(fields: Fields, reader: ComposeReader): BakeTexts | undefined {
  const items = (["sbom", "provenance"] as const).flatMap((type) => {
    const text = notEmpty(reader.text(fields.get(type)));
    if (text === undefined) return [];
    const on = goFlag(joined(text.parts) ?? "");
    return [{ parts: on === undefined ? merged([`type=${type},`, ...text.parts]) : [`type=${type},disabled=${!on}`], place: text.place }];
  });
  return items.length === 0 ? undefined : { items, open: false, place: items[0]?.place };
}
