import type { BenchEngine } from "./engines.ts";
import { family, forgetPeak, highWaterMiB, measure } from "./measure.ts";

export interface BuildMemory {
  readonly engine: string;
  readonly clientMiB: number;
  readonly daemonMiB: number;
  readonly seconds: number;
}

/** Most memory that a build of the context takes into an OCI archive, command and daemons apart. Started cold. */
export async function buildMemory(context: string, platforms: string, engine: BenchEngine, archive: string): Promise<BuildMemory> {
  engine.forget();
  for (const pid of engine.daemons()) forgetPeak(pid);
  const [program, ...args] = engine.build({ context, platforms, archive });
  const run = await measure(program!, args, engine.env, true);
  const daemonMiB = engine
    .daemons()
    .flatMap(family)
    .reduce((sum, pid) => sum + highWaterMiB(pid), 0);
  return { engine: engine.name, clientMiB: run.peakMiB, daemonMiB, seconds: run.seconds };
}
