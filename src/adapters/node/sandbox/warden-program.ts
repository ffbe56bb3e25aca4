import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NAME = "sandbox-warden.mjs";

/** The warden's code: beside ours in the published package, in `dist` for a checkout. */
export function wardenProgram(): string {
  const places = [NAME, `../../../../dist/${NAME}`].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const found = places.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${NAME} is not built: run \`npm run build\``);
  return found;
}
