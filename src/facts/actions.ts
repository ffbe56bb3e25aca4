import data from "../../data/actions.json" with { type: "json" };

/** What a described action is for. */
export type ActionRole = "builds" | "sets-up" | "logs-in" | "describes" | "pushes" | "merges" | "attests" | "other";

/** A described action. Names are `owner/repo[/path]`, in lower case. */
export interface ActionFacts {
  readonly name: string;
  readonly role: ActionRole;
  /** Oldest first. */
  readonly majors: readonly MajorFacts[];
  readonly inputs: readonly InputFacts[];
  readonly outputs: readonly string[];
  /** Until when we know its releases. */
  readonly seen: string;
}

export interface MajorFacts {
  readonly major: number;
  /** Of its last release: `node12`, `node20`, `docker`, `composite`. */
  readonly runtime: string;
  readonly first: Release;
  readonly last: Release;
  /** Since when GitHub refuses to run it; undefined: it runs. */
  readonly closed: string | undefined;
}

export interface Release {
  /** `v4.1.0`. */
  readonly tag: string;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Undefined where it is not known. */
  readonly commit: string | undefined;
}

export interface InputFacts {
  readonly name: string;
  /** Undefined: none. May hold `${{ }}`. */
  readonly default: string | undefined;
  readonly required: boolean;
  /** The deprecation message, where it is deprecated. */
  readonly deprecated: string | undefined;
  /** First release that knows it. */
  readonly since: string;
  /** First release that does not know it any more. */
  readonly removed: string | undefined;
}

/** A version as far as it is told: `v4`, `v4.1`, `v4.1.0`. */
export interface ActionVersion {
  readonly major: number;
  readonly minor: number | undefined;
  readonly patch: number | undefined;
  /** `ref`: a tag. `commit`: a commit that the table knows. `comment`: what the comment behind a commit says. */
  readonly from: "ref" | "commit" | "comment";
}

/** What becomes of a Node runtime. Dates are `YYYY-MM-DD`. */
export interface RuntimeFacts {
  /** What the runner takes instead; undefined: nothing, it is current. */
  readonly runsOn: string | undefined;
  /** Since when; undefined: always. */
  readonly from: string | undefined;
  /** From when on it is not there any more, where that is known. */
  readonly removed: string | undefined;
}

interface InputRow {
  readonly since: string;
  readonly removed?: string;
  readonly default?: string;
  readonly required?: boolean;
  readonly deprecated?: string;
  /** Defaults of releases before `until`, in order. */
  readonly earlier?: readonly { readonly until: string; readonly default?: string }[];
}

interface ActionRow {
  readonly role: string;
  readonly seen: string;
  readonly majors: readonly { readonly major: number; readonly runtime: string; readonly first: string; readonly last: string; readonly closed?: string }[];
  readonly inputs: Readonly<Record<string, InputRow>>;
  readonly outputs: readonly string[];
  /** Every release: `tag date commit`. */
  readonly tags?: readonly string[];
  /** A release newer than what `majors` were read from. */
  readonly later?: { readonly tag: string; readonly date: string; readonly commit: string };
}

const ROWS = new Map<string, ActionRow>(Object.entries(data.actions));
const RUNTIMES = new Map<string, { readonly runsOn: string; readonly from?: string; readonly removed?: string }>([
  ["node12", data.runtimes.node12],
  ["node16", data.runtimes.node16],
  ["node20", data.runtimes.node20],
]);

/** An action within a repository (`actions/cache/restore`) is released with the repository's own. */
const rowOf = (name: string): ActionRow | undefined => ROWS.get(name) ?? ROWS.get(name.split("/").slice(0, 2).join("/"));

const facts = new Map<string, ActionFacts>();

/** What is known of an action; undefined for one that is not in the table. */
export function actionFacts(name: string): ActionFacts | undefined {
  const known = facts.get(name);
  const row = ROWS.get(name);
  if (known !== undefined || row === undefined) return known;
  const read = factsOf(name, row);
  facts.set(name, read);
  return read;
}

/** Every action of the table. */
export const describedActions = (): readonly ActionFacts[] => [...ROWS.keys()].flatMap((name) => actionFacts(name) ?? []);

function factsOf(name: string, row: ActionRow): ActionFacts {
  return {
    name,
    role: row.role as ActionRole,
    majors: row.majors.map(({ major, runtime, first, last, closed }) => ({ major, runtime, first: releaseOf(first), last: releaseOf(last), closed })),
    inputs: Object.entries(row.inputs).map(([input, at]) => inputOf(input, at, at.default)),
    outputs: row.outputs,
    seen: row.seen,
  };
}

function releaseOf(line: string): Release {
  const [tag = "", date = "", commit] = line.split(" ");
  return { tag, date, commit };
}

const inputOf = (name: string, row: InputRow, value: string | undefined): InputFacts => ({
  name,
  default: value,
  required: row.required === true,
  deprecated: row.deprecated,
  since: row.since,
  removed: row.removed,
});

const ofMajors = new Map<string, readonly InputFacts[]>();

/** The inputs that any release of that major knows, with the defaults of its last release (`major` undefined: the newest); undefined where they are not known. */
export function inputsOfMajor(name: string, major: number | undefined): readonly InputFacts[] | undefined {
  const row = ROWS.get(name);
  if (row === undefined || (major !== undefined && !row.majors.some((one) => one.major === major))) return undefined;
  const wanted = major ?? row.majors.at(-1)?.major;
  const key = `${name}@${wanted}`;
  const read = ofMajors.get(key) ?? Object.entries(row.inputs).flatMap(([input, at]) => inputAt(input, at, wanted));
  ofMajors.set(key, read);
  return read;
}

function inputAt(name: string, row: InputRow, major: number | undefined): InputFacts[] {
  if (major === undefined) return row.removed === undefined ? [inputOf(name, row, row.default)] : [];
  if ((partsOf(row.since)?.major ?? 0) > major || wentBefore(row.removed, major)) return [];
  const earlier = row.earlier?.find(({ until }) => (partsOf(until)?.major ?? 0) > major);
  return [inputOf(name, row, earlier === undefined ? row.default : earlier.default)];
}

/** No release of that major had it any more. */
function wentBefore(removed: string | undefined, major: number): boolean {
  const at = removed === undefined ? undefined : partsOf(removed);
  return at !== undefined && (at.major < major || (at.major === major && at.minor === 0 && at.patch === 0));
}

const VERSION = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?$/;
const IN_COMMENT = /(?:^|[\s@=(])v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?=$|[\s),;])/;
const COMMIT = /^[0-9a-f]{7,40}$/;

function partsOf(
  text: string,
  pattern: RegExp = VERSION,
): { readonly major: number; readonly minor: number | undefined; readonly patch: number | undefined } | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const number = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits));
  return { major: Number(match[1]), minor: number(match[2]), patch: number(match[3]) };
}

const commits = new Map<string, ReadonlyMap<string, string>>();

function tagsByCommit(name: string): ReadonlyMap<string, string> {
  const known = commits.get(name);
  if (known !== undefined) return known;
  const row = rowOf(name);
  const releases = [...(row?.majors.flatMap(({ first, last }) => [first, last]) ?? []), ...(row?.tags ?? [])].map(releaseOf);
  if (row?.later !== undefined) releases.push(row.later);
  const read = new Map(releases.flatMap(({ tag, commit }) => (commit === undefined ? [] : [[commit, tag] as const])));
  commits.set(name, read);
  return read;
}

/** What `ref` means: a tag's version, or that of a commit known to the table, or what the comment behind a commit says. Undefined for branches and other commits. */
export function versionOf(name: string, ref: string, comment?: string): ActionVersion | undefined {
  if (COMMIT.test(ref) && (ref.length === 40 || !VERSION.test(ref))) {
    const tag = tagsByCommit(name).get(ref);
    const known = tag === undefined ? undefined : partsOf(tag);
    if (known !== undefined) return { ...known, from: "commit" };
    const told = comment === undefined ? undefined : partsOf(comment.replace(/^#/, "").trim(), IN_COMMENT);
    return told === undefined ? undefined : { ...told, from: "comment" };
  }
  const version = partsOf(ref.replace(/^refs\/tags\//, ""));
  return version === undefined ? undefined : { ...version, from: "ref" };
}

/** What runs the action at `ref`: `node16`; undefined where it is not known. */
export function runtimeOf(name: string, ref: string, comment?: string): string | undefined {
  const version = versionOf(name, ref, comment);
  return rowOf(name)?.majors.find(({ major }) => major === version?.major)?.runtime;
}

/** What becomes of a runtime. Runtimes that are not Node's, or are not known, are current. */
export function runtimeFacts(runtime: string): RuntimeFacts {
  const row = RUNTIMES.get(runtime);
  return { runsOn: row?.runsOn, from: row?.from, removed: row?.removed };
}

/** The newest major at a date (`YYYY-MM-DD`; undefined: the newest we know). */
export function newestMajor(name: string, asOf?: string): number | undefined {
  return rowOf(name)?.majors.findLast(({ first }) => asOf === undefined || releaseOf(first).date <= asOf)?.major;
}

/** The newest release of the newest major at a date (undefined: the newest we know); undefined where it is not known. */
export function newestVersion(name: string, asOf?: string): Release | undefined {
  const major = newestMajor(name, asOf);
  return major === undefined ? undefined : newestOfMajor(name, major, asOf);
}

/** The newest release of a major at a date; undefined where it is not known. */
export function newestOfMajor(name: string, major: number, asOf?: string): Release | undefined {
  const row = rowOf(name);
  const at = row?.majors.find((one) => one.major === major);
  if (row === undefined || at === undefined) return undefined;
  return releasesOf(name, row, at).findLast(({ date }) => asOf === undefined || date <= asOf);
}

const releases = new Map<string, readonly Release[]>();

/** Of one major, oldest first. */
function releasesOf(name: string, row: ActionRow, { major, first, last }: ActionRow["majors"][number]): readonly Release[] {
  const key = `${name}@${major}`;
  let all = releases.get(key);
  if (all === undefined) {
    all = [first, ...(row.tags ?? []), last].map(releaseOf).filter(({ tag }) => partsOf(tag)?.major === major);
    releases.set(key, all);
  }
  return all;
}

/** The newest release that others were seen to use, where the table's own releases end before it; its inputs are not known. */
export function seenLater(name: string): Release | undefined {
  const later = rowOf(name)?.later;
  return later === undefined ? undefined : { tag: later.tag, date: later.date, commit: later.commit };
}

const HARMLESS = new Map<string, string>(data.harmless.flatMap(({ reason, names }) => names.map((name) => [name, reason] as const)));

/** Why an action leaves builders, contexts, image stores and log-ins alone; undefined when nobody has said so. */
export function isHarmless(name: string): string | undefined {
  return HARMLESS.get(name) ?? HARMLESS.get(`${name.slice(0, name.indexOf("/"))}/*`);
}

/** Where the table comes from, for the fact of a finding. */
export const ACTIONS_SOURCE = { source: data.source, date: data.date, runtimes: data.runtimes.source } as const;
