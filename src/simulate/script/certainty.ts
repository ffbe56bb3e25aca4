import type { Followed } from "../../shell/follow.ts";
import { isCondition, literalOf, type Script, type Statement, type Within } from "../../shell/script.ts";

/**
 * Commands that are there for what they do, so that `a && b` is read as a then b: when they fail, the job fails or its author did not reckon with it.
 * All others may be questions (`grep -q x f && b`).
 */
const DOING: ReadonlySet<string> = new Set([
  ..."apk apt apt-get aws az buildah cargo cat cd chmod chown cosign cp crane curl dnf docker docker-compose dotnet echo export gcloud git go gradle gunzip".split(
    " ",
  ),
  ..."helm ln make mkdir mv mvn npm npx oras pip pip3 pnpm podman popd printf pushd regctl rm sed service set skopeo sleep sort source systemctl tar tee touch".split(
    " ",
  ),
  ..."unzip wget xz yarn yum .".split(" "),
]);
/** What of Docker only asks. */
const ASKING =
  /^(?:inspect|info|ps|images|version|ls|manifest inspect|image inspect|buildx inspect|buildx ls|buildx version|buildx imagetools inspect|network inspect|pull)$/;

/** Which enclosures of a script's commands are no conditions after all. */
export class Certainty {
  readonly #script: Script;
  readonly #followed: Pick<Followed, "entered" | "doubtful">;
  readonly #judged = new Map<Within, boolean>();

  constructor(script: Script, followed: Pick<Followed, "entered" | "doubtful">) {
    this.#script = script;
    this.#followed = followed;
  }

  /** Whether a command runs whenever the script gets so far. `taken` are enclosures of which that is known otherwise. */
  isSure({ within }: Pick<Statement, "within">, taken: ReadonlySet<Within>): boolean {
    return within.every((one) => !isCondition(one) || taken.has(one) || this.#followed.entered.has(one) || this.#runsAnyway(one));
  }

  #runsAnyway(one: Within): boolean {
    let runs = this.#judged.get(one);
    if (runs === undefined) {
      runs = one.kind === "and" ? !this.#followed.doubtful.has(one) && this.#followsDeeds(one) : one.kind === "loop" && loopsAtLeastOnce(one);
      this.#judged.set(one, runs);
    }
    return runs;
  }

  /** Whether everything left of `&&` is done for its own sake. */
  #followsDeeds(list: Within): boolean {
    const { start, end } = list.span;
    let any = false;
    for (const statement of this.#script.statements) {
      if (statement.span.start < start || statement.span.end > end) continue;
      if (statement.within.some((one) => one.kind === "and" && one.span.start === start && one.span.end === end)) continue;
      if (statement.within.some((one) => one.kind === "substitution" && one.span.start >= start && one.span.end <= end)) continue;
      if (!isDeed(statement)) return false;
      any = true;
    }
    return any;
  }
}

/** `for x in a b`: words that are there for sure. */
const loopsAtLeastOnce = ({ loop }: Within): boolean => loop?.words.some((word) => (literalOf(word) ?? "") !== "") === true;

function isDeed(statement: Statement): boolean {
  if (statement.kind === "assign") return true;
  const [name, ...rest] = statement.words.map(literalOf);
  if (statement.redirections.some((one) => one.kind === "write" && literalOf(one.target)?.startsWith("/dev/") !== true)) return true;
  if (name === undefined || !DOING.has(name.replace(/^.*\//, ""))) return false;
  if (name !== "docker" && name !== "podman" && name !== "buildah") return true;
  const plain = rest.filter((word) => word !== undefined && !word.startsWith("-"));
  return !ASKING.test(plain[0] ?? "") && !ASKING.test(plain.slice(0, 2).join(" ")) && !ASKING.test(plain.slice(0, 3).join(" "));
}
