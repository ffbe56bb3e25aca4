import { remembered } from "../../core/remembered.ts";
import { attributesOf } from "../../simulate/attributes.ts";
import { type Exporter, exportersOf } from "../../simulate/exporters.ts";
import type { Build } from "../../simulate/operation.ts";
import { splitText, type Text, type Texts } from "../../simulate/text.ts";
import type { Event, Trace } from "../../simulate/trace.ts";
import { type ImageName, imageNameOf } from "./image-name.ts";

/** An image, an index or a cache that goes to a registry. */
export interface Push {
  readonly event: Event;
  readonly text: Text;
  readonly image: ImageName;
  readonly what: "image" | "index" | "cache";
  /** Undefined: unknown. */
  readonly byDigest: boolean | undefined;
  /** The step, as far as it is known, asks for it; false where it may or may not. */
  readonly asked: boolean;
  /** It happens for sure when the walk comes by. */
  readonly certain: boolean;
}

/** What an event sends to registries. Of names that are not known at all nothing is told. */
export const pushesOf: (event: Event) => readonly Push[] = remembered(read);

/** Of all events of a trace, in order. */
export function pushesIn(trace: Trace): readonly Push[] {
  const before = byTrace.get(trace);
  if (before !== undefined) return before;
  const pushes = trace.events.flatMap(pushesOf);
  byTrace.set(trace, pushes);
  return pushes;
}

const byTrace = new WeakMap<Trace, readonly Push[]>();

function read(event: Event): readonly Push[] {
  const { operation } = event;
  const sure = event.sure && event.step.runs === "yes";
  const push: MakePush = (text, what, byDigest, certain, asked = true) => ({
    event,
    text,
    image: imageNameOf(text),
    what,
    byDigest,
    asked,
    certain: certain && sure,
  });
  if (operation.kind === "push-image") return operation.image === undefined ? [] : [push(operation.image, "image", false, true)];
  if (operation.kind === "push-index") return operation.name === undefined ? [] : [push(operation.name, "index", false, true)];
  if (operation.kind === "create-index") return operation.pushes ? operation.names.items.map((name) => push(name, "index", false, true)) : [];
  return operation.kind === "build" && !operation.onlyAsks ? pushesOfBuild(operation, push) : [];
}

type MakePush = (text: Text, what: Push["what"], byDigest: boolean | undefined, certain: boolean, asked?: boolean) => Push;

function pushesOfBuild(build: Build, push: MakePush): readonly Push[] {
  const exporters = pushingExporters(build);
  const certain = exporters.some((one) => one.push === true && one.certain);
  const asked = exporters.some((one) => one.push === true && (one.from !== "push" || build.push.value === true));
  const digests = exporters.map(({ pushByDigest }) => pushByDigest);
  const byDigest = digests.every((one) => one === true) ? true : digests.every((one) => one === false) ? false : undefined;
  const names = exporters.length === 0 ? [] : pushedNames(build);
  return [...names.map((name) => push(name, "image", byDigest, certain, asked)), ...pushedCaches(build).map((name) => push(name, "cache", false, true))];
}

/** Outputs of a build that go to a registry, or may. */
export const pushingExporters = (build: Build): readonly Exporter[] => exportersOf(build).filter(({ type, push }) => type === "image" && push !== false);

/** Tags win over the names of outputs, as in Buildx. */
export function pushedNames({ tags, outputs }: Build): readonly Text[] {
  const named = tags.items.filter(({ parts }) => parts.length > 0);
  return named.length > 0 ? named : outputs.items.flatMap(namesOfOutput);
}

/** Of `type=image,name=a` and `"name=a,b"`. */
function namesOfOutput(output: Text): readonly Text[] {
  const names: Text[] = [];
  let within = false;
  for (const field of splitText(output, ",")) {
    const [first, ...rest] = field.parts;
    const start = typeof first === "string" ? /^"?name=/.exec(first) : null;
    if (start !== null) names.push({ parts: [(first as string).slice(start[0].length), ...rest], place: output.place });
    else if (within) names.push(field);
    within = start === null ? within && !endsQuote(field) : (first as string).startsWith('"') && !endsQuote(field);
  }
  return names.map(withoutQuote).filter(({ parts }) => parts.length > 0);
}

const endsQuote = ({ parts }: Text): boolean => {
  const last = parts.at(-1);
  return typeof last === "string" && last.endsWith('"');
};
const withoutQuote = (text: Text): Text => ({
  parts: text.parts.map((part) => (typeof part === "string" ? part.replaceAll('"', "") : part)).filter((part) => part !== ""),
  place: text.place,
});

const pushedCaches = ({ cacheTo }: Build): readonly Text[] => referencesIn(cacheTo, "registry");

/** `ref=` of cache entries of a type. */
export function referencesIn(caches: Texts, type: string): readonly Text[] {
  return caches.items.flatMap((entry) => {
    const { fields, bare } = attributesOf(entry);
    if (fields.get("type") !== type && !(bare !== undefined && !fields.has("type") && type === "registry")) return [];
    const items = splitText(entry, ",");
    return items.flatMap((item) => {
      const [first, ...rest] = item.parts;
      if (typeof first === "string" && first.startsWith("ref="))
        return [{ parts: [first.slice(4), ...rest].filter((part) => part !== ""), place: entry.place }];
      return bare !== undefined && items.length === 1 ? [item] : [];
    });
  });
}
