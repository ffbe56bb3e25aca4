import data from "../../data/alpine.json" with { type: "json" };

/** A release of apk that BuildKit's own emulator cannot follow. */
export interface ApkTrouble {
  readonly version: string;
  readonly source: string;
}

const NAME = /^(?:docker\.io\/)?(?:library\/)?alpine(?::([\w.-]+))?(?:@.*)?$/;

/** Whether an image is a release of Alpine whose apk fails under the emulator in BuildKit's image; tags that move are taken as they were at a date. */
export function apkWithoutEmulation(image: string, asOf: string): ApkTrouble | undefined {
  const [match, tag = "latest"] = NAME.exec(image) ?? [];
  if (match === undefined || (image.includes("@") && !data.apk.releases.includes(tag))) return undefined;
  const moved = data.apk.moving.some(({ tags, from, until }) => tags.includes(tag) && from <= asOf && asOf < until);
  return moved || data.apk.releases.includes(tag) ? { version: data.apk.version, source: data.source } : undefined;
}
