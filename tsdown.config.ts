import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { defineConfig } from "tsdown";

/** Packages whose code goes into ours, and nothing else of node_modules does; their licences go along. */
const BUNDLED = [
  "@actions/expressions",
  "@actions/workflow-parser",
  "@jridgewell/sourcemap-codec",
  "diff",
  "jsonc-parser",
  "magic-string",
  "semver",
  "web-tree-sitter",
  "yaml",
];
/** Programs that are read at run time, from beside the code. */
const GRAMMARS = {
  "web-tree-sitter": "web-tree-sitter.wasm",
  "tree-sitter-bash": "tree-sitter-bash.wasm",
};

const require = createRequire(import.meta.url);

/** A package's folder, wherever npm has put it. */
function folderOf(name: string): string {
  const folder = (require.resolve.paths(name) ?? []).map((modules) => join(modules, name)).find((at) => existsSync(join(at, "package.json")));
  if (folder === undefined) throw new Error(`${name} is not installed`);
  return folder;
}

function licenceOf(name: string): string {
  const path = ["LICENSE", "LICENSE.md"].map((file) => join(folderOf(name), file)).find((file) => existsSync(file));
  if (path === undefined) throw new Error(`${name} has no licence to go along`);
  return path;
}

export default defineConfig({
  entry: {
    index: "src/index.ts",
    cli: "src/cli/main.ts",
    // Programs of the sandbox, started by path.
    "sandbox-warden": "src/adapters/node/sandbox/worker/main.ts",
    "sandbox-cell": "src/adapters/node/sandbox/cell/main.ts",
    "sandbox-chroot": "src/adapters/node/sandbox/worker/chroot-cell-program.ts",
  },
  format: "esm",
  platform: "node",
  target: "node20.19",
  dts: false,
  clean: true,
  hash: false,
  deps: { onlyBundle: BUNDLED },
  // Its main file requires its parts in a way that no bundler can follow.
  inputOptions: { resolve: { alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" } } },
  copy: [
    ...Object.entries(GRAMMARS).map(([name, file]) => ({ from: join(folderOf(name), file) })),
    ...[...new Set([...BUNDLED, ...Object.keys(GRAMMARS)])].map((name) => ({
      from: licenceOf(name),
      rename: `LICENSE.${name.replace(/^@/, "").replaceAll("/", "-")}`,
    })),
  ],
});
