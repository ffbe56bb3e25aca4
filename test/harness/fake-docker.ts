import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the fake program says to one kind of call. */
export interface FakeAnswer {
  /** Which calls: the arguments joined by blanks are this text, or match the expression. Absent: every call. The first answer that fits is given. */
  readonly when?: string | RegExp;
  readonly stdout?: string;
  /** A file whose bytes follow on stdout; small enough for a pipe. */
  readonly stdoutFile?: string;
  /** Its stdin is read to the end and kept in this file. */
  readonly stdinTo?: string;
  readonly stderr?: string;
  /** Default 0. */
  readonly status?: number;
  /** Says its output and then never ends. */
  readonly hang?: true;
  /** Fits only this many calls; those after it get the next answer that fits. Only for calls one after another. */
  readonly times?: number;
}

export interface FakeDocker {
  /** Folder with the program, to be put on PATH. */
  readonly folder: string;
  /** `{ PATH, HOME, DOCKER_CONFIG, BUILDX_CONFIG }`: a world in which only the fake program is on PATH and no configuration is. */
  readonly env: Readonly<Record<string, string>>;
  /** Calls up to now, in order of their coming. */
  calls(): readonly (readonly string[])[];
  /** Removes the folder; programs that hang are to be ended by who started them. */
  remove(): void;
}

/** Makes a program `docker` (or another name) that gives these answers; a call that none fits ends with status 64 and says so on stderr. */
export function fakeDocker(answers: readonly FakeAnswer[], name = "docker"): FakeDocker {
  const folder = mkdtempSync(join(tmpdir(), "fake-docker-"));
  const log = join(folder, "calls");
  const table = answers.map(({ when, ...answer }) => ({ ...answer, ...(when instanceof RegExp ? { like: [when.source, when.flags] } : { is: when }) }));
  writeFileSync(join(folder, "answers.json"), JSON.stringify(table));
  writeFileSync(join(folder, name), `#!${process.execPath}\n${PROGRAM}`);
  chmodSync(join(folder, name), 0o755);
  return {
    folder,
    env: { PATH: folder, HOME: folder, DOCKER_CONFIG: join(folder, "config"), BUILDX_CONFIG: join(folder, "config", "buildx") },
    calls: () =>
      existsSync(log)
        ? readFileSync(log, "utf8")
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as string[])
        : [],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A folder without package.json: CommonJS, whatever stands around it. */
const PROGRAM = `
const fs = require("node:fs");
const said = process.argv.slice(2).join(" ");
const log = __dirname + "/calls";
// Another call may be about to write its line.
const whole = fs.existsSync(log) ? fs.readFileSync(log, "utf8").split("\\n").slice(0, -1) : [];
const before = whole.map((line) => JSON.parse(line).join(" "));
fs.appendFileSync(log, JSON.stringify(process.argv.slice(2)) + "\\n");
const answers = JSON.parse(fs.readFileSync(__dirname + "/answers.json", "utf8"));
const suits = (answer, call) => answer.like ? new RegExp(...answer.like).test(call) : answer.is === undefined || answer.is === call;
const used = answers.map(() => 0);
const pick = (call) => {
  const at = answers.findIndex((answer, i) => suits(answer, call) && used[i] < (answer.times ?? Infinity));
  if (at >= 0) used[at]++;
  return answers[at];
};
for (const call of before) pick(call);
const answer = pick(said) ?? { stderr: "fake docker knows no answer to: " + said + "\\n", status: 64 };
if (answer.stdinTo) fs.writeFileSync(answer.stdinTo, fs.readFileSync(0));
if (answer.stdout) fs.writeSync(1, answer.stdout);
if (answer.stdoutFile) fs.writeSync(1, fs.readFileSync(answer.stdoutFile));
if (answer.stderr) fs.writeSync(2, answer.stderr);
if (answer.hang) setInterval(() => {}, 1 << 30);
else process.exitCode = answer.status ?? 0;
`;
