import { appendFile } from "../adapters/node/append-file.ts";
import { nodeWorld, type World } from "../adapters/node/world.ts";

/**
 * Adds Markdown to the summary of the job of GitHub Actions in which we run (`$GITHUB_STEP_SUMMARY`); elsewhere does nothing.
 * @returns whether there is such a job
 * @throws {ProblemError} `file-unwritable` | `disk-full`
 */
export function addToJobSummary(markdown: string, world: Pick<World, "env"> = nodeWorld()): boolean {
  const path = world.env.GITHUB_STEP_SUMMARY;
  if (path === undefined || path === "") return false;
  appendFile(path, `${markdown}\n\n`);
  return true;
}
