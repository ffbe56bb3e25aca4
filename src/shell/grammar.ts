import { Language, Parser } from "web-tree-sitter";

/** The programs that reading shell needs, as WebAssembly: the tree-sitter runtime and the grammar. */
export type GrammarName = "runtime" | "bash";

/** Port: the bytes of a grammar. `adapters/node/grammars.ts` reads them from disk. */
export type LoadGrammar = (name: GrammarName) => Promise<Uint8Array>;

/** A parser for shell, ready; synchronous from here on. Not to be shared between threads. */
export interface ShellGrammar {
  readonly parser: Parser;
}

/** Makes the parser. Takes about 0.1 s: keep what it gives, or use {@link lazyShellGrammar}. */
export async function loadShellGrammar(load: LoadGrammar): Promise<ShellGrammar> {
  const [runtime, bash] = await Promise.all([load("runtime"), load("bash")]);
  await Parser.init({ wasmBinary: runtime });
  const language = await Language.load(bash);
  const parser = new Parser();
  parser.setLanguage(language);
  return { parser };
}

/** A function that loads the grammar when it is first wanted, and gives the same one from then on. A failed load is tried again. */
export function lazyShellGrammar(load: LoadGrammar): () => Promise<ShellGrammar> {
  let loading: Promise<ShellGrammar> | undefined;
  return () => {
    loading ??= loadShellGrammar(load).catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
