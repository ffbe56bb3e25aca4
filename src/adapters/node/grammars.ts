import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { GrammarName } from "../../shell/grammar.ts";

/** Where each program is in its npm package, and what it is called beside the bundled code. */
const FILES: Readonly<Record<GrammarName, { readonly module: string; readonly bundled: string }>> = {
  runtime: { module: "web-tree-sitter/web-tree-sitter.wasm", bundled: "web-tree-sitter.wasm" },
  bash: { module: "tree-sitter-bash/tree-sitter-bash.wasm", bundled: "tree-sitter-bash.wasm" },
};

/** Reads a grammar from beside this code (the published package), else from node_modules (a checkout). */
export async function loadGrammar(name: GrammarName): Promise<Uint8Array> {
  const { module, bundled } = FILES[name];
  try {
    return await readFile(fileURLToPath(new URL(bundled, import.meta.url)));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return await readFile(createRequire(import.meta.url).resolve(module));
  }
}
