import { runsNatively } from "../simulate/emulation.ts";
import { parsed } from "./node-choice.ts";

/** What a node says of its platforms, and what is known of its machine otherwise. */
export interface NodePlatforms {
  /** In the worker's order, without the declared ones. */
  readonly told: readonly string[];
  readonly declared: readonly string[];
  /** Of the machine, where another question told it. */
  readonly architecture: string | undefined;
}

/**
 * Platforms that a node runs without emulator. BuildKit lists its machine's own platform first, and emulated ones after it in an order of theirs
 * (moby/buildkit util/archutil/detect.go, SupportedPlatforms, read 2026-11-22); what the user declared for a node is native by the user's word. Declared ones
 * hide the worker's first: with them, and without other knowledge, nothing else is taken for native. So is 32-bit arm of an arm64 machine.
 */
export function nativePlatforms({ told, declared, architecture }: NodePlatforms): readonly string[] {
  const own = architecture ?? (declared.length > 0 ? undefined : architectureOf(told[0]));
  return [...declared, ...told.filter((platform) => own !== undefined && runs(own, platform))];
}

const architectureOf = (platform: string | undefined): string | undefined => (platform === undefined ? undefined : parsed(platform)[0]?.architecture);

function runs(architecture: string, text: string): boolean {
  const [platform] = parsed(text);
  if (platform === undefined) return false;
  // A worker lists a variant only when its own processor has it.
  return platform.architecture === architecture || runsNatively(architecture, platform) === true;
}
