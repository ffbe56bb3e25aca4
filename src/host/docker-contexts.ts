import { type Asking, askDocker, isUnknown, sourceOf } from "./ask-docker.ts";
import { daemonFailure } from "./docker-failure.ts";
import type { ContextFact, Known } from "./facts.ts";
import { fieldsIn, text } from "./json.ts";
import { known, unknown } from "./known.ts";
import { secretFree } from "./secret-free.ts";

const CONTEXTS = ["context", "ls", "--format", "{{json .}}"] as const;
export const CONTEXTS_SOURCE = sourceOf(CONTEXTS);
/** Of which something is kept; nobody has more. */
const CONTEXT_LIMIT = 200;

/** The contexts of the Docker CLI that are there. One that is current and is not there is none of them. No daemon is asked. */
export async function readContexts(asking: Asking): Promise<Known<readonly ContextFact[]>> {
  const answer = await askDocker(asking, CONTEXTS);
  if (isUnknown(answer)) return answer;
  const rows = answer.stdout.split("\n").filter((line) => line.trim() !== "");
  const contexts = rows.slice(0, CONTEXT_LIMIT).flatMap(contextOf);
  if (contexts.length > 0) return known(contexts, CONTEXTS_SOURCE);
  if (answer.status !== 0 || rows.length === 0) return daemonFailure(answer.stderr, CONTEXTS_SOURCE);
  return unknown(
    "broken",
    `\`${CONTEXTS_SOURCE}\` said what is no context: "${secretFree(answer.stdout)}"`,
    "see which program `command -v docker` names",
    CONTEXTS_SOURCE,
  );
}

function contextOf(line: string): ContextFact[] {
  const row = fieldsIn(line);
  const [name, endpoint] = [text(row?.Name), text(row?.DockerEndpoint)];
  if (name === undefined || endpoint === undefined || endpoint === "" || (text(row?.Error) ?? "") !== "") return [];
  return [{ name, endpoint, current: row?.Current === true }];
}
