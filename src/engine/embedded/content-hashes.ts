import { type Digest, isDigest } from "../../core/digest.ts";
import type { Records } from "../records.ts";

/** Hashes of files that were read, by what proves that they are still the same: so that one changed file does not make us read all others. */
export interface ContentHashes {
  /** Hashes by stamp for a context; `set` remembers more until {@link save}. */
  load(context: string): Promise<Map<string, Digest>>;
  save(context: string): Promise<void>;
}

/** Stamps remembered for a context; the oldest go first. */
const MOST_STAMPS = 100_000;

export function contentHashes(records: Records): ContentHashes {
  const loaded = new Map<string, Promise<Map<string, Digest>>>();
  const load = (context: string): Promise<Map<string, Digest>> => {
    const there = loaded.get(context) ?? records.read("contexts", context).then(decode);
    loaded.set(context, there);
    return there;
  };
  return {
    load,
    async save(context) {
      const known = [...(await load(context))];
      await records.write("contexts", context, Buffer.from(JSON.stringify(known.slice(-MOST_STAMPS))));
    },
  };
}

function decode(bytes: Uint8Array | undefined): Map<string, Digest> {
  if (bytes === undefined) return new Map();
  try {
    const pairs = JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown;
    return new Map(Array.isArray(pairs) ? pairs.filter(isPair) : []);
  } catch {
    return new Map();
  }
}

const isPair = (pair: unknown): pair is [string, Digest] =>
  Array.isArray(pair) && typeof pair[0] === "string" && typeof pair[1] === "string" && isDigest(pair[1]);
