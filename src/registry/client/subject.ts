import { type Digest, isDigest } from "../../core/digest.ts";
import { type Descriptor, describe } from "../../image/descriptor.ts";

/**
 * What a manifest says of its subject: whom it refers to, and how it is to be listed there. Undefined when it has none, or cannot be read.
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests-with-subject
 */
export function referrerIn(mediaType: string, bytes: Uint8Array): { readonly subject: Digest; readonly referrer: Descriptor } | undefined {
  const { subject, artifactType, config, annotations } = objectIn(bytes);
  const digest = objectOf(subject).digest;
  if (typeof digest !== "string" || !isDigest(digest)) return undefined;
  const type = typeof artifactType === "string" && artifactType !== "" ? artifactType : objectOf(config).mediaType;
  return {
    subject: digest,
    referrer: {
      ...describe(mediaType, bytes),
      ...(annotations === undefined ? {} : { annotations: annotations as Readonly<Record<string, string>> }),
      ...(typeof type === "string" ? { artifactType: type } : {}),
    },
  };
}

function objectIn(bytes: Uint8Array): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch {
    return {};
  }
}

const objectOf = (value: unknown): Record<string, unknown> => (typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {});
