import type { Complaint } from "../core/complaint.ts";
import type { Place } from "../core/span.ts";
import type { BakeFile, BakeRequest, BakeResolution, BakeTarget, BakeText } from "./bake-file.ts";
import { composeConfig } from "./compose/compose-config.ts";
import { type Config, type Group, mergedConfig } from "./config.ts";
import { definitionsOf } from "./definitions.ts";
import { hclConfig } from "./hcl-config.ts";
import { emptyLayer, type Layer, mergedLayers } from "./layer.ts";
import { fits, isPattern, targetName } from "./names.ts";
import { type Overrides, readOverrides, withOverrides } from "./overrides.ts";
import { asTarget, normalized } from "./target.ts";
import { joined } from "./value.ts";
import { BakeWorld } from "./world.ts";

/** Targets that inherit from each other, or link to each other, in one line. */
const LONGEST_LINE = 200;
const MOST_TARGETS = 2000;

/**
 * What `docker buildx bake` would build of these files, given in the order in which Buildx reads them. Never throws: what is unknown stays so in
 * the middle of texts, and what is wrong is among the complaints. Facts of the language: docker/buildx `bake/`, read 2026-11-22.
 */
export function resolveBake(files: readonly BakeFile[], request: BakeRequest): BakeResolution {
  const world = new BakeWorld(definitionsOf(files), request);
  const compose = composeConfig(files, request, world);
  const config = mergedConfig(compose, hclConfig(files, world));
  const resolver = new Resolver(config, request, world);
  const targets = resolver.targets();
  if (world.isSpent) {
    const [file] = files;
    if (file !== undefined)
      world.complain("the file asks for more evaluation than we do", { file: file.file, span: { start: 0, end: 0 } }, undefined, "limit-exceeded");
  }
  const read: readonly Complaint[] = files.flatMap(({ complaints }) => complaints);
  return { targets, missing: [...resolver.missing], open: resolver.open || config.open || world.isSpent, complaints: [...read, ...world.complaints] };
}

class Resolver {
  readonly missing = new Set<string>();
  open = false;
  readonly #layers: ReadonlyMap<string, Layer>;
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #request: BakeRequest;
  readonly #world: BakeWorld;
  readonly #overrides: Overrides;

  constructor(config: Config, request: BakeRequest, world: BakeWorld) {
    this.#layers = config.layers;
    this.#groups = config.groups;
    this.#request = request;
    this.#world = world;
    this.#overrides = readOverrides(request.set, [...config.layers.keys()], (message, place) => world.complain(message, place));
  }

  targets(): BakeTarget[] {
    const names = new Set<string>();
    const asked = this.#request.targets.length === 0 ? ["default"] : this.#request.targets;
    for (const name of asked.flatMap((one) => this.#matching(targetName(one)))) {
      for (const target of this.#members(name, new Map())) names.add(target);
    }
    const built = new Map<string, Layer>();
    for (const name of names) {
      if (built.size === MOST_TARGETS) this.open = true;
      if (built.size >= MOST_TARGETS) break;
      const layer = this.#layers.has(name) ? this.#resolved(name) : undefined;
      if (layer === undefined) this.missing.add(name);
      else built.set(name, layer);
    }
    const linked = new Set<string>();
    for (const [name, layer] of [...built]) this.#link(name, layer, built, linked, []);
    return [...built].map(([name, layer]) => asTarget(layer, linked.has(name)));
  }

  #matching(name: string): readonly string[] {
    if (!isPattern(name)) return [name];
    const found = [...this.#groups.keys(), ...this.#layers.keys()].filter((one) => fits(one, name));
    if (found.length === 0) this.missing.add(name);
    return found;
  }

  /** Names of targets that a group stands for; itself, when it is none. Unknown while it is being asked for: then a member of that name is a target. */
  #members(name: string, visited: Map<string, readonly string[]>): readonly string[] {
    const known = visited.get(name);
    if (known !== undefined) return known;
    const group = this.#groups.get(name);
    if (group === undefined) return [name];
    visited.set(name, []);
    this.open ||= group.open;
    const targets: string[] = [];
    for (const member of group.targets) {
      const members = this.#members(member, visited);
      for (const target of members.length === 0 ? [member] : members) targets.push(target);
    }
    const all = [...new Set(targets)];
    visited.set(name, all);
    return all;
  }

  /** A target with what it inherits, overridden. */
  #resolved(name: string): Layer | undefined {
    return this.#inherited(name, new Map(), 0);
  }

  #inherited(name: string, visited: Map<string, Layer | undefined>, depth: number): Layer | undefined {
    if (visited.has(name)) return visited.get(name);
    visited.set(name, undefined);
    const own = this.#layers.get(name);
    if (own === undefined) return undefined;
    let below = emptyLayer(name, own.place);
    for (const parent of own.inherits) {
      const parentName = joined(parent.parts);
      if (parentName === undefined || depth > LONGEST_LINE) this.open = true;
      else if (this.#layers.has(parentName)) {
        const layer = this.#inherited(parentName, visited, depth + 1);
        if (layer !== undefined) below = mergedLayers(below, layer);
      } else this.#world.complain(`failed to find target ${parentName}`, parent.place);
    }
    const matrix = own.matrix;
    const whole = { ...mergedLayers(below, own), block: own.block, matrix };
    const result = normalized(withOverrides(whole, this.#overrides, (message, place) => this.#world.complain(message, place)));
    visited.set(name, result);
    return result;
  }

  /** Targets that another one's `contexts` name are built too. */
  #link(name: string, layer: Layer, built: Map<string, Layer>, linked: Set<string>, line: readonly string[]): void {
    const within = [...line, name];
    for (const context of layer.maps.get("contexts")?.entries.values() ?? []) {
      const target = linkedName(context);
      if (target === undefined) continue;
      if (within.includes(target)) {
        this.#world.complain(target === name ? `target ${target} cannot link to itself` : `infinite loop from ${name} to ${target}`, context.place);
        continue;
      }
      const other = built.get(target) ?? this.#newlyLinked(target, context.place, built, linked);
      if (other === undefined || within.length > LONGEST_LINE) continue;
      if (!this.#linkedAlready.has(other)) {
        this.#linkedAlready.add(other);
        this.#link(target, other, built, linked, within);
      }
    }
  }

  readonly #linkedAlready = new Set<Layer>();

  #newlyLinked(target: string, place: Place, built: Map<string, Layer>, linked: Set<string>): Layer | undefined {
    const layer = this.#layers.has(target) ? this.#resolved(target) : undefined;
    if (layer === undefined) this.#world.complain(`failed to find target ${target}`, place);
    else if (built.size < MOST_TARGETS) {
      built.set(target, layer);
      linked.add(target);
    }
    return layer;
  }
}

function linkedName(context: BakeText): string | undefined {
  const whole = joined(context.parts);
  return whole?.startsWith("target:") ? whole.slice("target:".length) : undefined;
}
