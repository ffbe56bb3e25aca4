import { loadGrammar } from "../adapters/node/grammars.ts";
import { loadShellGrammar } from "../shell/grammar.ts";
import type { Grammars } from "../simulate/create-readers.ts";

let loading: Promise<Required<Grammars>> | undefined;

/** The grammars, loaded once a process. Takes about 0.1 s. A failed load is tried again. */
export function loadGrammars(): Promise<Required<Grammars>> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(): Promise<Required<Grammars>> {
  return { shell: await loadShellGrammar(loadGrammar) };
}
