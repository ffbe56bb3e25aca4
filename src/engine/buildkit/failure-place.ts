/** Where Buildx says that it failed. */
export interface DockerfilePlace {
  /** As Buildx names it. */
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** The line itself, to stand below a message; empty when it is not shown. */
  readonly excerpt: string;
}

const PLACE = /^(\S.{0,300}):(\d{1,6})$/;
const RULE = /^-{20}$/;
const BLAMED = /^ *(\d{1,6}) \| >>> (.*)$/;
const EXCERPT_LIMIT = 160;

/** The place in a Dockerfile above the excerpt that Buildx prints; the last, when there are several. */
export function dockerfilePlace(words: readonly string[]): DockerfilePlace | undefined {
  const at = words.findLastIndex((line, i) => PLACE.test(line) && RULE.test(words[i + 1] ?? ""));
  const [, file, number] = PLACE.exec(words[at] ?? "") ?? [];
  if (file === undefined || number === undefined) return undefined;
  const blamed = words
    .slice(at + 2)
    .map((line) => BLAMED.exec(line))
    .find((match) => match !== null && Number(match[1]) === Number(number));
  const text = blamed?.[2] ?? "";
  const shown = text.length > EXCERPT_LIMIT ? `${text.slice(0, EXCERPT_LIMIT)}…` : text;
  return { file, line: Number(number), excerpt: shown === "" ? "" : `\n${number} | ${shown}` };
}
