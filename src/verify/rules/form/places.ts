import { remembered } from "../../../core/remembered.ts";
import type { ImagePlace } from "../../finding.ts";
import { attestationOf } from "../../read/candidates.ts";
import type { ImageLayer, PlatformImage, ReadConfig, ReadDocument, Subject } from "../../subject.ts";

/** Platforms that a sentence names. */
const SHOWN = 8;
/** Digits of a digest in a sentence. */
const DIGITS = 12;

export const shortDigest = (digest: string): string => digest.slice(0, digest.indexOf(":") + 1 + DIGITS);

/** A document, and the platform that it is of. */
export function documentPlace(document: ReadDocument, subject: Subject): ImagePlace {
  const image = subject.images.find(({ manifest }) => manifest === document);
  return { platform: image?.name, document: document.where === "" ? (document.kind === "unknown" ? "document" : document.kind) : document.where };
}

export const configPlace = (config: ReadConfig): ImagePlace => ({ document: config.where });

export const layerPlace = ({ number, descriptor: { digest }, createdBy }: ImageLayer): ImagePlace => ({ layer: { number, digest, createdBy } });

/** What a document is called in a sentence. */
export function called(document: ReadDocument): string {
  const { kind, where } = document;
  if (kind === "unknown") return where === "" ? "the document" : `"${where}"`;
  return attestationOf(document) === undefined ? `the ${kind}` : "the attestation";
}

/** One layer, and every platform that has it. */
export interface LayerUse {
  readonly layer: ImageLayer;
  /** At the platform, when there is only one. */
  readonly at: ImagePlace;
  /** Names the platforms when there are several. */
  readonly facts: readonly string[];
}

/** Every layer once, however many platforms have it, as the first of them has it. */
export const layerUses: (subject: Subject) => readonly LayerUse[] = remembered((subject) => {
  const uses = new Map<string, { readonly layer: ImageLayer; readonly images: Set<PlatformImage> }>();
  for (const image of subject.images) {
    for (const layer of image.layers) {
      const { digest, size, mediaType } = layer.descriptor;
      const key = JSON.stringify([digest, size, mediaType, layer.diffId]);
      const use = uses.get(key) ?? { layer, images: new Set() };
      use.images.add(image);
      uses.set(key, use);
    }
  }
  return [...uses.values()].map(({ layer, images }) => {
    const names = [...images].map(({ name }) => name);
    const at = { ...layerPlace(layer), platform: names.length === 1 ? names[0] : undefined };
    const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : "";
    return { layer, at, facts: names.length === 1 ? [] : [`it is a layer of ${names.slice(0, SHOWN).join(", ")}${more}`] };
  });
});
