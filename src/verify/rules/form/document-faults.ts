import { isIndexType, isManifestType } from "../../../core/media-type.ts";
import type { Fields } from "../../../image/json.ts";
import { isSchema1Type } from "../../read/media-types.ts";
import type { ReadDocument } from "../../subject.ts";

const present = (value: unknown): boolean => value !== undefined && value !== null;

export const isSchema1 = ({ fields, descriptor }: ReadDocument): boolean =>
  isSchema1Type(descriptor.mediaType) || fields?.schemaVersion === 1 || (typeof fields?.mediaType === "string" && isSchema1Type(fields.mediaType));

/** It can be read as an index and as a manifest. */
export const isBoth = (fields: Fields): boolean => present(fields.manifests) && (present(fields.config) || present(fields.layers));

/** What contradicts what in a document's type, as a sentence; undefined: nothing. */
export function contradictionIn({ fields, descriptor, parent }: ReadDocument): string | undefined {
  if (fields === undefined) return undefined;
  const own = typeof fields.mediaType === "string" ? fields.mediaType : undefined;
  const told = isIndexType(descriptor.mediaType) || isManifestType(descriptor.mediaType) ? descriptor.mediaType : undefined;
  const teller = parent === undefined ? "where it was got from it is called" : "the index calls it";
  if (own !== undefined && told !== undefined && own !== told) return `it calls itself "${own}", ${teller} "${told}"`;
  if (isBoth(fields)) return undefined;
  const content = present(fields.manifests) ? "an index" : present(fields.config) || present(fields.layers) ? "an image manifest" : undefined;
  for (const [type, who] of [
    [own, "it calls itself"],
    [told, teller],
  ] as const) {
    if (type === undefined || content === undefined) continue;
    if (content === "an index" ? isManifestType(type) : isIndexType(type)) return `${who} "${type}", its content is ${content}`;
  }
  return undefined;
}

/** A problem's message without the name of the document, which the finding's place tells, and without what a JSON reader thinks of it, which each says otherwise. */
export const plainMessage = (message: string): string =>
  message.replace(/^(?:(?:manifest|config) )?sha(?:256|512):[a-f0-9]+:? ?/, "").replace(/^is not JSON \(.*\)$/s, "is not JSON");
