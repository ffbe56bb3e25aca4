import type { BuildEvent } from "../../engine/event.ts";

/** Which engine builds, and why, in one line. */
export const engineText = ({ engine, builder, why }: Extract<BuildEvent, { type: "engine-chosen" }>): string =>
  `building with ${builder ?? `the ${engine} engine`}: ${why}`;
