import type { CellListener } from "../cell/start-cell.ts";
import type { ProgramOrder } from "../protocol.ts";
import type { Layers } from "./layers.ts";
import { type Program, startProgram } from "./program.ts";
import type { Snapshot } from "./snapshot.ts";

/** The programs of a warden by id, from their order until their changes are kept or forgotten. */
export interface Programs {
  start(order: ProgramOrder, on: CellListener): Promise<Program>;
  get(id: string): Program;
  keep(id: string, layer: string): Promise<void>;
  /** Harmless for an unknown one. */
  discard(id: string): Promise<void>;
  discardAll(): Promise<void>;
}

export function wardenPrograms(owner: string, snapshot: Snapshot, layers: Layers): Programs {
  const programs = new Map<string, Promise<Program>>();
  const settled = new Map<string, Program>();
  let count = 0;
  const ending = new Map<string, Promise<void>>();
  const end = async (id: string): Promise<void> => {
    // One that could not be started has left nothing.
    await (await programs.get(id)?.catch(() => undefined))?.discard();
    programs.delete(id);
    settled.delete(id);
  };
  /** A builder that hangs up and then asks for the end waits for it. */
  const discard = (id: string): Promise<void> => {
    const known = ending.get(id);
    if (known !== undefined) return known;
    const now = end(id).finally(() => ending.delete(id));
    ending.set(id, now);
    return now;
  };
  const get = (id: string): Program => {
    const program = settled.get(id);
    if (program === undefined) throw new Error(`there is no program ${id}`);
    return program;
  };
  return {
    async start(order, on) {
      const starting = startProgram(order, `work/${owner}.${count++}`, on, snapshot, layers);
      programs.set(order.id, starting);
      const program = await starting;
      settled.set(order.id, program);
      return program;
    },
    get,
    async keep(id, layer) {
      if (!/^[0-9a-f]{64}$/.test(layer)) throw new Error(`"${layer}" names no layer`);
      await get(id).keep(layer);
      programs.delete(id);
      settled.delete(id);
    },
    discard,
    discardAll: async () => void (await Promise.all([...programs.keys()].map(discard))),
  };
}
