import table from "../../data/labels.json" with { type: "json" };

const STANDARD = new Set(Object.entries(table.standard).flatMap(([prefix, names]) => names.map((name) => prefix + name)));
const [IDENTITY, PER_PLATFORM] = [new Set(table.identity), new Set(table.perPlatform)];

/** Whether a label's or annotation's key is one of the standards' that say what an image is and where it comes from. */
export const isStandardLabel = (key: string): boolean => STANDARD.has(key);

/** Whether it names the state of the sources that the image was built from: its revision or version. */
export const isIdentityLabel = (key: string): boolean => IDENTITY.has(lastPart(key));

/** Whether it is another for each platform by nature: times, hosts, digests. */
export const isPlatformLabel = (key: string): boolean => PER_PLATFORM.has(lastPart(key));

/** Of `org.opencontainers.image.created` and `com.example/created`: `created`. */
const lastPart = (key: string): string => key.slice(Math.max(key.lastIndexOf("."), key.lastIndexOf("/")) + 1).toLowerCase();
