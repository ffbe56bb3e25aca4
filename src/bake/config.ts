import { type Layer, mergedLayers } from "./layer.ts";

export interface Group {
  readonly name: string;
  /** Of targets and groups. */
  readonly targets: readonly string[];
  /** There may be more. */
  readonly open: boolean;
}

/** What files define: every target with all that is said of it under its own name, nothing inherited yet. */
export interface Config {
  readonly layers: ReadonlyMap<string, Layer>;
  readonly groups: ReadonlyMap<string, Group>;
  /** There may be other targets. */
  readonly open: boolean;
}

/** `upper` over `lower`: targets are merged, groups replaced. */
export function mergedConfig(lower: Config, upper: Config): Config {
  const layers = new Map(lower.layers);
  for (const [name, layer] of upper.layers) layers.set(name, over(layers.get(name), layer));
  return { layers, groups: new Map([...lower.groups, ...upper.groups]), open: lower.open || upper.open };
}

export const over = (lower: Layer | undefined, upper: Layer): Layer => (lower === undefined ? upper : { ...mergedLayers(lower, upper), block: upper.block });
