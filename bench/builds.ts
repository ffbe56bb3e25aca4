import type { BenchEngine } from "./engines.ts";
import { measure } from "./measure.ts";

export interface BuildTimes {
  readonly engine: string;
  readonly cold: readonly number[];
  readonly warm: readonly number[];
}

const TWO_PLATFORMS = "linux/amd64,linux/arm64";

/** Builds and pushes a context by every engine, in turns: first with nothing known and to a new repository, then once more with nothing changed. */
export async function timeBuilds(
  name: string,
  context: string,
  engines: readonly BenchEngine[],
  runs: number,
  registry: string,
  platforms = TWO_PLATFORMS,
): Promise<readonly BuildTimes[]> {
  const times = engines.map((engine) => ({ engine: engine.name, cold: [] as number[], warm: [] as number[] }));
  for (let round = 0; round < runs; round++) {
    for (const [position, engine] of engines.entries()) {
      engine.forget();
      const image = `${registry}/bench/${name}-${process.pid}-${position}-${round}:v1`;
      const [program, ...args] = engine.build({ context, platforms, image });
      const build = () => measure(program!, args, engine.env);
      times[position]!.cold.push((await build()).seconds);
      times[position]!.warm.push((await build()).seconds);
    }
    console.error(
      `${name}, round ${round + 1} of ${runs}: ${times.map((each) => `${each.engine} ${each.cold[round]!.toFixed(2)} ${each.warm[round]!.toFixed(2)}`).join(", ")}`,
    );
  }
  return times;
}
