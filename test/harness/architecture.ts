import { posix } from "node:path";

/** Which room may import which. Imports go downward only; a room not named here may not exist. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  yaml: ["core"],
  dockerfile: ["core"],
  image: ["core"],
  shell: ["core"],
  workflow: ["core"],
  registry: ["core", "image"],
  plan: ["core", "dockerfile", "image"],
  engine: ["core", "dockerfile", "image", "plan", "registry", "facts", "explain"],
  bake: ["core", "yaml"],
  facts: ["core"],
  findings: ["core", "yaml"],
  simulate: ["core", "yaml", "dockerfile", "shell", "workflow", "bake", "facts", "findings"],
  host: ["core", "facts", "findings", "simulate"],
  rules: ["core", "yaml", "dockerfile", "workflow", "facts", "findings", "simulate"],
  fix: ["core", "yaml", "findings"],
  explain: ["core", "facts", "findings"],
  verify: ["core", "image", "facts", "findings"],
  report: ["core", "image", "plan", "engine", "findings", "explain", "fix", "host", "verify"],
  adapters: ["core", "dockerfile", "image", "shell", "registry", "plan", "engine", "simulate", "host"],
  api: [
    "core",
    "yaml",
    "dockerfile",
    "image",
    "shell",
    "workflow",
    "bake",
    "facts",
    "findings",
    "simulate",
    "host",
    "rules",
    "fix",
    "explain",
    "registry",
    "plan",
    "engine",
    "verify",
    "report",
    "adapters",
  ],
  cli: ["core", "report", "api"],
  "index.ts": ["core", "findings", "api"],
};

/** What touches the machine: only `adapters/` may. */
const MACHINE = /^(?:node:)?(?:fs|fs\/promises|child_process|net|http|https|tls|os|process|worker_threads)$|^(?:undici|execa)$/;
const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|(?:^|\n)\s*import\s+"([^"]+)"/g;
const AMBIENT = /\bprocess\.(?:env|argv|cwd|exit|stdout|stderr|stdin|platform)\b|\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\.localeCompare\(|\bconsole\./;

/** Every breach of the rules above, as `file: what`. */
export function breaches(files: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (const [file, text] of files) {
    const room = file.split("/")[0] as string;
    if (MAY_IMPORT[room] === undefined) found.push(`${file}: ${room} is not a room`);
    for (const [, from, dynamic, bare] of text.matchAll(IMPORT)) {
      const spec = (from ?? dynamic ?? bare) as string;
      if (MACHINE.test(spec) && room !== "adapters") found.push(`${file}: ${spec} belongs in adapters/`);
      if (!spec.startsWith(".") || spec === "../../package.json") continue;
      const path = posix.join(posix.dirname(file), spec);
      // Tables of facts lie beside the code; `facts/` alone reads them.
      if (path.startsWith("../data/") && room === "facts") continue;
      const target = path.split("/")[0] as string;
      if (target !== room && !MAY_IMPORT[room]?.includes(target)) found.push(`${file}: ${room} may not import ${target}`);
    }
    const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
    const ambient = AMBIENT.exec(code);
    if (ambient !== null && !["adapters", "cli"].includes(room)) found.push(`${file}: ${ambient[0]} belongs behind a port`);
  }
  return found;
}
