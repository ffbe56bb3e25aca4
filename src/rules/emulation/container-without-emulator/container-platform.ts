import type { Fact } from "../../../findings/finding.ts";
import type { Environment } from "../../../simulate/environment.ts";
import type { RunContainer } from "../../../simulate/operation.ts";
import { textOf } from "../../../simulate/text.ts";

export interface ContainerPlatform {
  readonly text: string;
  readonly fact: Fact;
  /** Asked for, and not only concluded from what was built or pulled before. */
  readonly sure: boolean;
}

/** The platform of a container: what it is started for, else that of the image which the store has under its name; undefined where neither is known. */
export function containerPlatform({ platform, image }: RunContainer, before: Environment): ContainerPlatform | undefined {
  if (platform !== undefined) {
    const text = textOf(platform)?.trim();
    return text === undefined || text === ""
      ? undefined
      : { text, fact: { sentence: `the container is started with --platform ${text}`, place: platform.place }, sure: true };
  }
  const name = textOf(image);
  const held = name === undefined ? undefined : before.images.findLast((one) => textOf(one.name) === name);
  const [only, ...others] = held?.platforms ?? [];
  return held === undefined || only === undefined || others.length > 0 ? undefined : { text: only, fact: held.fact, sure: false };
}
