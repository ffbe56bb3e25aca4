import { readCommand } from "../../shell/commands/read-command.ts";
import { followScript, type Step } from "../../shell/follow.ts";
import { handedOn } from "../../shell/github-files.ts";
import { inputOf } from "../../shell/printed.ts";
import type { Script, Within } from "../../shell/script.ts";
import { textOf as knownText, type Value } from "../../shell/values.ts";
import type { Doubt, Operation } from "../operation.ts";
import type { ScriptOutcome, ScriptStep } from "../script-step.ts";
import { shownText, type Text, textOf } from "../text.ts";
import { fallbackOf, hasBuilder } from "./builder-fallback.ts";
import { Certainty } from "./certainty.ts";
import { operationsOfCompose } from "./compose-operations.ts";
import { operationsOfDaemon } from "./daemon-operations.ts";
import { operationsOfDocker } from "./docker-operations.ts";
import { type OutputWrite, outputsOf } from "./handed-outputs.ts";
import { Holes } from "./holes.ts";
import { scriptOf } from "./kept-files.ts";
import { broughtByName, broughtByText, DOCKER_VARIABLES, isQuiet, unknownDeed } from "./known-commands.ts";
import { environmentOf, heldText, type KnownVariables, namedIn, startOf, withAssigned } from "./known-variables.ts";
import { scriptsOfMake } from "./make-scripts.ts";
import { mergedBuilds } from "./merged-builds.ts";
import { npmScript } from "./npm-script.ts";
import type { Places } from "./scalar-places.ts";
import type { Scene } from "./scene.ts";
import { calledScript, idiomsOf } from "./script-file.ts";
import { operationsOfTool } from "./tool-operations.ts";
import { directoryIn, ValueTexts, WORKSPACE } from "./value-text.ts";
import { variantsOf } from "./variants.ts";
import { writtenFiles } from "./written-files.ts";

/** Scripts that call scripts that call make that calls … */
const DEEPEST = 10;
/** Commands that are looked at for one step, in all scripts and recipes that it runs. */
const MOST_COMMANDS = 20_000;
/** Nobody reads more. */
const MOST_OPERATIONS = 2000;
/** Rounds of one loop that are walked one by one. */
const MOST_ROUNDS = 32;

/** How a script is come upon. */
export interface Call {
  readonly places: Places;
  readonly stopsAtError: boolean;
  /** Absent: that of the step. */
  readonly directory?: string | undefined;
  /** Absent: what the step has. */
  readonly known?: KnownVariables;
  readonly arguments?: readonly Value[];
  /** The script's own path, where it is a file. */
  readonly self?: string;
}

interface Frame {
  readonly script: Script;
  readonly places: Places;
  readonly directory: string | undefined;
  readonly certainty: Certainty;
  readonly steps: readonly Step[];
  readonly known: KnownVariables;
  readonly sure: boolean;
  readonly asked: Map<number, boolean | undefined>;
}

/** Walks through a step's script and everything that it calls. */
export class ScriptWalk {
  readonly #step: ScriptStep;
  readonly #holes = new Holes();
  readonly #found: { operation: Operation; sure: boolean }[] = [];
  readonly #written = new Map<string, Text | null>();
  readonly #writes: OutputWrite[] = [];
  readonly #known: KnownVariables;
  /** What is being followed, outermost first: names of files and of targets. */
  readonly #chain: string[] = [];
  readonly #texts: string[] = [];
  /** Something was read into the shell that nobody can see. */
  #opaque = false;
  #outputsOpen = false;
  #commands = 0;
  #sure = true;

  constructor(step: ScriptStep) {
    this.#step = step;
    this.#known = startOf(step.variables, this.#holes);
  }

  outcome(): ScriptOutcome {
    const { run, file } = this.#step;
    const full = this.#isFull();
    const rest: Doubt = { kind: "doubt", sentence: "the script asks for more than is followed", about: "anything", place: { file, span: run.span } };
    const operations = full ? [...this.#found, { operation: rest, sure: true }] : this.#found;
    return { operations, outputs: outputsOf(this.#writes), outputsOpen: this.#outputsOpen || full };
  }

  script(text: string, call: Call): void {
    const script = scriptOf(text, this.#step.readers);
    if (script === undefined) return;
    const directory = call.directory === undefined && !("directory" in call) ? this.#step.directory : call.directory;
    const known = withAssigned(call.known ?? this.#known, script);
    this.#texts.push(text);
    const idioms = idiomsOf(call.self);
    const followed = followScript(script, {
      ...known,
      othersUnset: false,
      stopsAtError: call.stopsAtError,
      arguments: call.arguments,
      expression: (source) => this.#expressionText(source),
      substitution: (source) => idioms(source),
    });
    const before = this.#sure;
    // Around what cannot be read, nothing is certain.
    if (script.complaints.some(({ code }) => code === "script-syntax")) this.#sure = false;
    const { steps } = followed;
    const certainty = new Certainty(script, followed);
    const frame: Frame = { script, places: call.places, directory, certainty, steps, known, sure: this.#sure, asked: new Map() };
    this.#commandsOf(frame, 0, steps.length, new Map(), new Set(), new Set());
    this.#handOn(frame);
    this.#sure = before;
    if (script.complaints.length > 0) this.#complain(frame);
  }

  /** What could not be read may hold anything. */
  #complain({ script, places }: Frame): void {
    const [first] = script.complaints;
    if (first === undefined) return;
    const { span, ...complaint } = first;
    this.#step.readers.complain([{ ...complaint, severity: "note", place: places(span) }]);
    const brought = broughtByText(script.text);
    if (brought !== undefined) this.#doubt(places(span), unknownDeed("the part of this script that cannot be read", brought), brought);
  }

  #expressionText(source: string): string | undefined {
    if (source === "github.workspace") return WORKSPACE;
    return /^(?:hole|makefile) /.test(source) ? undefined : textOf(this.#step.expression(source));
  }

  #add(operation: Operation, sure: boolean): void {
    if (this.#isFull()) return;
    const last = this.#found.at(-1);
    if (operation.kind === "use-builder" && last?.operation.kind === "create-builder" && isWhatWasMade(operation.name)) {
      this.#found[this.#found.length - 1] = { operation: { ...last.operation, use: true }, sure: last.sure };
      return;
    }
    this.#found.push({ operation, sure: this.#sure && sure });
  }

  /** So much is asked that nobody reads on; what is left out may be anything. */
  #isFull(): boolean {
    return this.#commands >= MOST_COMMANDS || this.#found.length >= MOST_OPERATIONS;
  }

  #doubt(place: Doubt["place"], sentence: string, about: Doubt["about"]): void {
    this.#add({ kind: "doubt", sentence, about, place }, true);
  }

  /** Commands from one number to another, loops whose rounds are known being walked round by round. */
  #commandsOf(frame: Frame, from: number, to: number, rounds: ReadonlyMap<string, string>, walked: ReadonlySet<Within>, taken: ReadonlySet<Within>): void {
    for (let i = from; i < to && !this.#isFull(); i++) {
      const { command } = frame.steps[i] as Step;
      const loop = command.within.find((one) => one.loop !== undefined && !walked.has(one));
      if (loop?.loop === undefined) {
        this.#commands++;
        this.#command(frame, i, rounds, taken);
        continue;
      }
      let end = i + 1;
      while (end < to && (frame.steps[end] as Step).command.within.includes(loop)) end++;
      const { variable } = loop.loop;
      const choices = choicesIn(frame.steps, i, end, variable);
      const inside = new Set([...walked, loop]);
      if (choices === undefined || choices.length > MOST_ROUNDS) this.#commandsOf(frame, i, end, rounds, inside, taken);
      else for (const choice of choices) this.#commandsOf(frame, i, end, new Map([...rounds, [variable, choice]]), inside, new Set([...taken, loop]));
      i = end - 1;
    }
  }

  #command(frame: Frame, at: number, rounds: ReadonlyMap<string, string>, taken: ReadonlySet<Within>): void {
    const step = frame.steps[at] as Step;
    const [first, ...rest] = step.words;
    if (first === undefined) return;
    const fallback = fallbackOf(frame.script, step.command, (builder) => hasBuilder(builder, this.#step.environment, this.#found), frame.asked);
    if (fallback.skipped) return;
    const texts = new ValueTexts(this.#holes, frame.places, (source) => this.#step.expression(source), rounds);
    const name = knownText(first)?.replace(/^.*\//, "") ?? "";
    const before = this.#sure;
    this.#sure = frame.sure && frame.certainty.isSure(step.command, fallback.taken.length === 0 ? taken : new Set([...taken, ...fallback.taken]));
    const scene: Scene = {
      command: step,
      name,
      arguments: rest,
      place: frame.places(step.command.span),
      texts,
      directory: directoryIn(step.directory, frame.directory),
      variables: this.#dockerVariables(step, texts, frame),
      environment: () => environmentOf(step, { texts, place: frame.places(step.command.span), known: frame.known }, frame.script),
      get input() {
        const pieces = inputOf(frame.steps, at);
        return pieces.some((piece) => piece.kind === "unknown" && piece.source === "") ? undefined : pieces;
      },
      step: this.#step,
      written: this.#written,
    };
    this.#files(scene);
    this.#run(scene, frame);
    this.#sure = before;
  }

  #files(scene: Scene): void {
    for (const { path, content } of writtenFiles(scene)) {
      const name = textOf(path);
      if (name !== undefined) this.#written.set(name, this.#sure ? content : null);
      this.#add({ kind: "write-file", path, place: scene.place }, true);
    }
  }

  /** Finds the reader of a command. */
  #run(scene: Scene, frame: Frame): void {
    if (scene.name === "eval" && !scene.arguments.every((value) => HARMLESS.test(shownText(scene.texts.text(value))))) this.#opaque = true;
    const daemon = operationsOfDaemon(scene);
    if (daemon !== undefined) {
      for (const operation of daemon) this.#add(operation, true);
      return;
    }
    const compose = operationsOfCompose(scene);
    if (compose !== undefined) {
      for (const operation of compose) this.#add(operation, true);
      return;
    }
    if (this.#docker(scene, frame)) return;
    const tool = operationsOfTool(scene);
    if (tool !== undefined) {
      for (const operation of tool) this.#add(operation, true);
      return;
    }
    if (!this.#called(scene, frame) && !isQuiet(scene.name, scene.arguments[0] && knownText(scene.arguments[0]))) this.#outputsOpen = true;
  }

  #docker(scene: Scene, frame: Frame): boolean {
    const words = toolOf(scene);
    const variants = variantsOf(words.words, scene.texts).flatMap((one) => readCommand(one) ?? []);
    const [command] = variants;
    if (command === undefined) return false;
    if (command.kind === "make") {
      this.#make(scene, frame, command);
      return true;
    }
    const all = variants.map((one) => operationsOfDocker(one, scene));
    const merged = all.length === 1 ? all[0] : mergedBuilds(all);
    for (const operation of merged ?? all[0] ?? []) this.#add(operation, merged !== undefined && words.sure);
    return true;
  }

  #make(scene: Scene, frame: Frame, command: Parameters<typeof scriptsOfMake>[0]): void {
    const held = (name: string): string | undefined => {
      const text = heldText(scene.command.environment(name), name, { ...scene, known: frame.known });
      return text && this.#holes.markedText(text);
    };
    const made = scriptsOfMake(command, scene, { marked: (text) => this.#holes.markedText(text), held });
    if (made.doubt !== undefined) this.#doubt(scene.place, made.doubt.sentence, made.doubt.about);
    if (made.open) this.#outputsOpen = true;
    this.#following(made.key, scene, () => {
      const sure = this.#sure;
      for (const line of made.lines) {
        this.#sure = sure && line.sure;
        const known = namedIn(line.text, scene, frame.known, this.#holes, line.exported);
        this.script(line.text, { places: line.places, stopsAtError: true, directory: made.directory, known });
      }
      this.#sure = sure;
    });
  }

  /** A script of the repository, by its path, through a shell or `npm run`. */
  #called(scene: Scene, frame: Frame): boolean {
    const npm = npmScript(scene);
    if (npm !== undefined) {
      this.#following(npm.key, scene, () => this.script(npm.text, { ...npm, stopsAtError: true, known: namedIn(npm.text, scene, frame.known, this.#holes) }));
      return true;
    }
    const called = calledScript(scene);
    if (called === undefined) return false;
    if (called.kind === "script") {
      const { text, path } = called;
      this.#following(path, scene, () =>
        this.script(text, {
          places: called.places,
          stopsAtError: called.stopsAtError,
          directory: scene.directory,
          known: namedIn(text, scene, frame.known, this.#holes),
          arguments: called.arguments,
          self: path,
        }),
      );
      return true;
    }
    if (scene.name === "source" || scene.name === ".") this.#opaque = true;
    const brought = called.kind === "foreign" ? broughtByText(called.text) : broughtByName(called.name);
    if (brought !== undefined) this.#doubt(scene.place, unknownDeed(`"${called.name}"`, brought), brought);
    this.#outputsOpen = true;
    return true;
  }

  #following(key: string, { place }: Scene, follow: () => void): void {
    if (this.#chain.includes(key)) return;
    if (this.#chain.length >= DEEPEST) {
      this.#doubt(place, "scripts call scripts too deeply to be followed", ["builder"]);
      return;
    }
    this.#chain.push(key);
    follow();
    this.#chain.pop();
  }

  #dockerVariables(step: Step, texts: ValueTexts, frame: Frame): ReadonlyMap<string, Text> {
    const found = new Map<string, Text>();
    const place = frame.places(step.command.span);
    for (const name of DOCKER_VARIABLES) {
      const held = step.environment(name);
      // A script that was read in may have set anything; of one that is at hand it can be seen what.
      if (held.kind === "unknown" && held.choices === undefined && !this.#opaque && !this.#texts.some((one) => one.includes(name))) continue;
      const text = heldText(held, name, { texts, place, known: frame.known });
      if (text !== undefined && text.parts.length > 0) found.set(name, text);
    }
    return found;
  }

  /** What the script writes to `$GITHUB_ENV` and `$GITHUB_OUTPUT`. */
  #handOn(frame: Frame): void {
    const texts = new ValueTexts(this.#holes, frame.places, (source) => this.#step.expression(source), new Map());
    for (const { file, name, value, within, span } of handedOn(frame.steps)) {
      if (file !== "env" && file !== "output") continue;
      const place = frame.places(span);
      if (name === undefined) {
        if (file === "output") this.#outputsOpen = true;
        continue;
      }
      this.#sure = frame.sure && frame.certainty.isSure({ within }, new Set());
      const text = texts.pieces(value, place);
      if (file === "env") this.#add({ kind: "set-variable", name, value: text, place }, true);
      else this.#writes.push({ name, value: text, sure: this.#sure, within, script: frame.script.text });
    }
    this.#sure = frame.sure;
  }
}

/** What `eval` may take without Docker's variables being touched. */
const HARMLESS = /^(?:\$\(|`)\s*(?:ssh-agent|brew|direnv|opam|rbenv|pyenv|nodenv)\b|^[^$`]*$/;

/** The rounds of a loop as the words inside it tell them. */
function choicesIn(steps: readonly Step[], from: number, to: number, variable: string): readonly string[] | undefined {
  for (let i = from; i < to; i++) {
    for (const { pieces } of (steps[i] as Step).words) {
      for (const piece of pieces) if (piece.kind === "unknown" && piece.variable === variable && piece.choices !== undefined) return piece.choices;
    }
  }
  return undefined;
}

/** `docker buildx use $(docker buildx create …)`. */
function isWhatWasMade(name: Text | undefined): boolean {
  const [only] = name?.parts ?? [];
  return typeof only === "object" && /^(?:\$\(|`)\s*docker(?: |-)buildx create\b/.test(only.source);
}

/** `$TOOL build`: a tool that somebody chose elsewhere is Docker or works as it does. */
function toolOf({ name, command, arguments: values }: Scene): { readonly words: readonly Value[]; readonly sure: boolean } {
  const [first, ...rest] = command.words;
  const verb = values[0] === undefined ? undefined : knownText(values[0]);
  if (name !== "" || first === undefined || !/^(?:build|buildx|push|tag|manifest)$/.test(verb ?? "")) return { words: command.words, sure: true };
  return { words: [{ pieces: [{ kind: "text", text: "docker" }], word: first.word }, ...rest], sure: false };
}
