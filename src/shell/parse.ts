import type { Span } from "../core/span.ts";
import { maskExpressions } from "./expressions.ts";
import type { ShellGrammar } from "./grammar.ts";
import { type InnerScript, innerScript } from "./inner-script.ts";
import { not, questionOf } from "./question.ts";
import {
  type Assignment,
  literalOf,
  type Question,
  type Redirection,
  type Script,
  type ScriptComplaint,
  type Statement,
  type Within,
  type Word,
} from "./script.ts";
import { parseTree, type SyntaxNode } from "./syntax-tree.ts";
import { nestedSubstitutions, readHereBody, readWord, type WordContext } from "./words.ts";
import { unwrap } from "./wrappers.ts";

/** Longer scripts are refused: GitHub itself takes workflows of at most 512 KiB. */
const LONGEST_SCRIPT = 1 << 20;
/** `bash -c` in `bash -c`, and functions that call functions. */
const DEEPEST_NESTING = 8;
/** Calls multiply: a function of ten calls of a function of ten calls … */
const MOST_STATEMENTS = 20_000;
/** After so many conditions to end early, one more says nothing new. */
const MOST_EXITS = 16;
/** Of more complaints, the script is no shell. */
const MOST_COMPLAINTS = 20;

/**
 * Reads a script of a workflow (bash or sh) as data. `${{ … }}` may stand anywhere in it. Never throws on bad input: what could be read is
 * there, the rest is complained of. Facts of the language: POSIX.1-2024 Shell Command Language; bash 5.2 manual (read 2026-11).
 */
export function parseScript(text: string, grammar: ShellGrammar): Script {
  if (text.length > LONGEST_SCRIPT) {
    const complaint = problem("limit-exceeded", `the script has ${text.length} characters, more than ${LONGEST_SCRIPT}`, { start: 0, end: 0 });
    return { text, understood: true, statements: [], functions: new Map(), complaints: [complaint] };
  }
  const walk = new Walk(text, grammar, OUTERMOST, []);
  return { text, understood: true, statements: walk.statements, functions: walk.functionSpans(), complaints: walk.complaints };
}

/** A script that is not shell, as a value: no statements, and one complaint that says so. */
export function foreignScript(text: string, language: string): Script {
  const complaint: ScriptComplaint = {
    code: "script-syntax",
    severity: "note",
    message: `a script of "${language}" is not understood, only bash and sh are`,
    span: { start: 0, end: 0 },
  };
  return { text, understood: false, statements: [], functions: new Map(), complaints: [complaint] };
}

function problem(code: "script-syntax" | "limit-exceeded", message: string, span: Span): ScriptComplaint {
  return { code, severity: "warning", message, span };
}

/** The body of `<<-`, whose lines lose the tabs they begin with. */
const withoutTabs = (word: Word): Word => ({
  ...word,
  parts: word.parts.map((part, i) => (part.kind === "text" ? { ...part, text: part.text.replace(i === 0 ? /(^|\n)\t+/g : /(\n)\t+/g, "$1") } : part)),
});

/** What encloses the node that is being read. */
interface Enclosure {
  readonly within: readonly Within[];
  readonly redirections: readonly Redirection[];
  readonly calls: readonly string[];
}

/** How a script lies in another. */
interface Nesting {
  readonly depth: number;
  /** Where a stretch of this text is in the outermost script; absent for the outermost. */
  readonly toOuter: ((span: Span) => Span) | undefined;
  /** Its substitutions are run by the script around it. */
  readonly expanded: boolean;
}

const OUTERMOST: Nesting = { depth: 0, toOuter: undefined, expanded: false };

class Walk {
  readonly statements: Statement[] = [];
  readonly complaints: ScriptComplaint[] = [];
  readonly #text: string;
  readonly #grammar: ShellGrammar;
  readonly #depth: number;
  readonly #toOuter: Nesting["toOuter"];
  readonly #context: WordContext;
  /** For words whose substitutions are read elsewhere. */
  readonly #quiet: WordContext;
  readonly #functions = new Map<string, SyntaxNode>();
  /** Enclosures that hold from some point on, for everything after it. */
  readonly #since: Within[] = [];
  #cut = false;
  #enclosure: Enclosure = { within: [], redirections: [], calls: [] };

  constructor(text: string, grammar: ShellGrammar, { depth, toOuter, expanded }: Nesting, within: readonly Within[]) {
    this.#text = text;
    this.#grammar = grammar;
    this.#depth = depth;
    this.#toOuter = toOuter;
    const { masked, expressions } = maskExpressions(text);
    this.#context = { masked, expressions, substitution: (node) => (expanded ? undefined : this.#substitution(node)) };
    this.#quiet = { ...this.#context, substitution: () => undefined };
    const { root, cut } = parseTree(grammar, masked);
    if (cut) this.#complain("limit-exceeded", "the script is too large or nested too deeply to be read to its end", { start: 0, end: 0 });
    this.#errors(root);
    this.#in({ within }, () => this.#block(root.children));
  }

  functionSpans(): Map<string, Span> {
    return new Map([...this.#functions].map(([name, node]) => [name, this.#outer(node)]));
  }

  #outer({ start, end }: Span): Span {
    return this.#toOuter === undefined ? { start, end } : this.#toOuter({ start, end });
  }

  #complain(code: "script-syntax" | "limit-exceeded", message: string, span: Span): void {
    if (this.complaints.length < MOST_COMPLAINTS) this.complaints.push(problem(code, message, this.#outer(span)));
  }

  #errors(node: SyntaxNode): void {
    if (node.type === "ERROR") {
      const got = this.#text.slice(node.start, Math.min(node.end, node.start + 40)).split("\n")[0];
      this.#complain("script-syntax", `the script cannot be read as shell at "${got}"`, node);
      return;
    }
    if (node.missing) this.#complain("script-syntax", `the script lacks a "${node.type}"`, node);
    for (const child of node.children) this.#errors(child);
  }

  #in(change: Partial<Enclosure>, read: () => void): void {
    const before = this.#enclosure;
    this.#enclosure = { ...before, ...change };
    read();
    this.#enclosure = before;
  }

  /** Reads with one enclosure more. */
  #inside(kind: Within["kind"], node: Span, branch: number, read: () => void, more: Pick<Within, "loop" | "call" | "when"> = {}): void {
    this.#in({ within: [...this.#enclosure.within, { kind, span: this.#outer(node), branch, ...more }] }, read);
  }

  #full(): boolean {
    if (this.statements.length < MOST_STATEMENTS) return false;
    if (!this.#cut) this.#complain("limit-exceeded", `the script runs more than ${MOST_STATEMENTS} commands`, { start: 0, end: 0 });
    this.#cut = true;
    return true;
  }

  #block(nodes: readonly SyntaxNode[]): void {
    if (this.#full()) return;
    nodes.forEach((node, i) => {
      if (nodes[i + 1]?.type === "&") this.#inside("background", node, 0, () => this.#statement(node));
      else this.#statement(node);
    });
  }

  #statement(node: SyntaxNode): void {
    switch (node.type) {
      case "command":
        this.#command(node, [], []);
        return;
      case "redirected_statement":
        this.#redirected(node);
        return;
      case "list":
        this.#list(node);
        return;
      case "pipeline":
        this.#pipeline(node);
        return;
      case "subshell":
        this.#inside("subshell", node, 0, () => this.#block(node.children));
        return;
      case "if_statement":
        this.#if(node);
        return;
      case "for_statement":
      case "while_statement":
      case "c_style_for_statement":
        this.#loop(node);
        return;
      case "case_statement":
        this.#case(node);
        return;
      case "function_definition":
        this.#define(node);
        return;
      case "declaration_command":
      case "unset_command":
        this.#declaration(node);
        return;
      case "variable_assignment":
      case "variable_assignments":
        this.#assign(node, undefined, node.type === "variable_assignment" ? [node] : node.children);
        return;
      case "command_substitution":
      case "process_substitution":
        this.#substitution(node);
        return;
      case "test_command":
        nestedSubstitutions(node, this.#context);
        return;
      case "comment":
      case "heredoc_body":
        return;
      default:
        this.#block(node.children);
        return;
    }
  }

  #substitution(node: SyntaxNode): void {
    this.#in({ redirections: [] }, () => this.#inside("substitution", node, 0, () => this.#block(node.children)));
  }

  #list(node: SyntaxNode): void {
    const operator = node.children.find(({ type }) => type === "&&" || type === "||");
    const right = operator === undefined ? node.children.length : node.children.indexOf(operator) + 1;
    this.#block(node.children.slice(0, right));
    if (operator === undefined) return;
    const left = this.#question(node.children.slice(0, right - 1));
    const and = operator.type === "&&";
    this.#inside(and ? "and" : "or", node, 0, () => this.#block(node.children.slice(right)), { when: and ? left : not(left) });
  }

  /** What the last of these asks; the commands in it are read as statements elsewhere. */
  #question(nodes: readonly SyntaxNode[]): Question {
    return questionOf(nodes, (word) => this.#moved(readWord(word, this.#quiet)));
  }

  #pipeline(node: SyntaxNode): void {
    for (const child of node.children) if (child.named) this.#inside("pipe", node, child.start, () => this.#statement(child));
  }

  #if(node: SyntaxNode): void {
    const isClause = ({ type }: SyntaxNode): boolean => type === "elif_clause" || type === "else_clause";
    let failed: readonly Question[] = [];
    [node, ...node.children.filter(isClause)].forEach((clause, branch) => {
      const then = clause.children.findIndex(({ type }) => type === "then" || type === "else");
      const conditions = clause.children.slice(0, Math.max(then, 0));
      // A later condition is only tried when the ones before failed: it stands in no branch of its own, but runs sometimes.
      if (branch === 0) this.#block(conditions);
      else this.#inside("or", conditions[0] ?? clause, 0, () => this.#block(conditions), { when: { kind: "all", of: failed } });
      const own = conditions.length === 0 ? [] : [this.#question(conditions)];
      const body = clause.children.slice(then + 1).filter((child) => !isClause(child));
      this.#inside("if", node, branch, () => this.#block(body), { when: { kind: "all", of: [...failed, ...own] } });
      failed = [...failed, ...own.map(not)];
    });
  }

  #loop(node: SyntaxNode): void {
    const body = node.children.find(({ field, type }) => field === "body" || type === "do_group");
    const head = node.children.filter((child) => child !== body);
    if (node.type === "for_statement") {
      const name = node.children.find(({ field }) => field === "variable");
      const words = this.#words(head.filter(({ field }) => field === "value")).map((word) => this.#moved(word));
      const loop = name === undefined ? undefined : { variable: this.#text.slice(name.start, name.end), words };
      if (body !== undefined) this.#inside("loop", node, 0, () => this.#block(body.children), { loop });
    } else if (node.type === "while_statement") {
      this.#block(head);
      if (body !== undefined) this.#inside("loop", node, 0, () => this.#block(body.children));
    } else {
      for (const child of head) nestedSubstitutions(child, this.#context);
      if (body !== undefined) this.#inside("loop", node, 0, () => this.#block(body.children));
    }
  }

  #case(node: SyntaxNode): void {
    const items = node.children.filter(({ type }) => type === "case_item");
    for (const child of node.children) if (child.type !== "case_item") nestedSubstitutions(child, this.#context);
    const subject = node.children.find(({ field }) => field === "value");
    const fallsThrough = items.some(({ children }) => children.some(({ type }) => type === ";&" || type === ";;&"));
    const read = (one: SyntaxNode): Word => this.#moved(readWord([one], this.#quiet));
    const asked = subject === undefined || fallsThrough ? undefined : read(subject);
    let failed: readonly Question[] = [];
    items.forEach((item, branch) => {
      const body = item.children.filter(({ field, type }) => field !== "value" && type !== ")");
      const patterns = item.children.filter(({ field }) => field === "value").map(read);
      const own: Question = asked === undefined ? { kind: "command" } : { kind: "match", subject: asked, patterns };
      this.#inside("case", node, branch, () => this.#block(body), { when: { kind: "all", of: [...failed, own] } });
      failed = [...failed, not(own)];
    });
  }

  #define(node: SyntaxNode): void {
    const name = node.children.find(({ field }) => field === "name");
    if (name !== undefined) this.#functions.set(this.#text.slice(name.start, name.end), node);
  }

  #redirected(node: SyntaxNode): void {
    const redirects = node.children.filter(({ type }) => type.endsWith("_redirect"));
    const body = node.children.filter((child) => !redirects.includes(child));
    const redirections = redirects.flatMap((one) => this.#redirections(one));
    const extra = redirects.flatMap((one) => one.children.filter(({ field, type }) => type !== "heredoc_start" && field === "argument"));
    extra.unshift(...this.#lost(body.at(-1), redirects[0]));
    const [only] = body;
    if (body.length === 1 && only?.type === "command") this.#command(only, redirections, extra);
    else this.#in({ redirections: [...redirections, ...this.#enclosure.redirections] }, () => this.#block(body));
    // What stands behind `<<EOF` on its line: `cat <<EOF | sh`, `cat <<EOF && next`.
    for (const one of redirects) {
      const operator = one.children.find(({ type }) => type === "&&" || type === "||");
      for (const child of one.children) {
        if (child.type === "pipeline") this.#pipeline(child);
        else if (child.field === "right" && operator !== undefined) this.#inside(operator.type === "&&" ? "and" : "or", node, 0, () => this.#statement(child));
      }
    }
  }

  /** The grammar has no node for a `-` before `<<` (`docker build - <<EOF`). */
  #lost(before: SyntaxNode | undefined, after: SyntaxNode | undefined): SyntaxNode[] {
    if (before === undefined || after === undefined || after.start <= before.end) return [];
    if (!/^[ \t]+-[ \t]*$/.test(this.#text.slice(before.end, after.start))) return [];
    const dash = this.#text.indexOf("-", before.end);
    return [{ type: "word", named: true, field: "argument", missing: false, start: dash, end: dash + 1, children: [] }];
  }

  #redirections(node: SyntaxNode): Redirection[] {
    const span = this.#outer(node);
    const others = node.children.filter(({ type }) => type === "file_redirect" || type === "herestring_redirect").flatMap((one) => this.#redirections(one));
    if (node.type === "heredoc_redirect") {
      const start = node.children.find(({ type }) => type === "heredoc_start");
      const body = node.children.find(({ type }) => type === "heredoc_body");
      if (start === undefined || body === undefined) return others;
      const indented = node.children.some(({ type }) => type === "<<-");
      const verbatim = /["'\\]/.test(this.#text.slice(start.start, start.end));
      const read = readHereBody(body, verbatim, this.#context);
      return [{ kind: "here", body: this.#moved(indented ? withoutTabs(read) : read), span }, ...others];
    }
    const destination = node.children.filter(
      ({ field, named, type }) => named && (field === "destination" || type === "string" || type === "word") && type !== "file_descriptor",
    );
    const operator = node.children.find(({ named }) => !named)?.type ?? "";
    if (node.type === "herestring_redirect") {
      const word = readWord(
        node.children.filter(({ named, type }) => named && type !== "file_descriptor"),
        this.#context,
      );
      return [{ kind: "here", body: this.#moved(word), span }];
    }
    if (destination.length === 0 || operator === ">&" || operator === "<&" || operator === ">&-" || operator === "<&-") return [{ kind: "other", span }];
    const descriptor = node.children.find(({ type }) => type === "file_descriptor");
    const number = descriptor === undefined ? undefined : Number(this.#text.slice(descriptor.start, descriptor.end));
    const target = this.#moved(readWord(destination.slice(0, 1), this.#context));
    const kind = operator.includes(">>") ? "append" : operator.startsWith("<") ? "read" : "write";
    return [{ kind, descriptor: operator.startsWith("&") ? "all" : (number ?? (kind === "read" ? 0 : 1)), target, span }];
  }

  #assignment(node: SyntaxNode): Assignment {
    const span = this.#outer(node);
    const [target] = node.children;
    const value = node.children.find(({ field }) => field === "value");
    const name = target === undefined ? "" : this.#text.slice(target.start, target.end);
    const append = node.children.some(({ type }) => type === "+=");
    if (value?.type === "array") {
      return {
        name,
        append,
        value: undefined,
        elements: this.#words(value.children.filter(({ named, type }) => named && type !== "comment")).map((word) => this.#moved(word)),
        span,
      };
    }
    const at = node.end;
    const word =
      target?.type === "variable_name"
        ? this.#moved(value === undefined ? { parts: [], span: { start: at, end: at } } : readWord([value], this.#context))
        : undefined;
    return { name, append, value: word, elements: undefined, span };
  }

  #assign(node: Span, declaration: string | undefined, nodes: readonly SyntaxNode[]): void {
    const assignments = nodes.flatMap((one): Assignment[] => {
      if (one.type === "variable_assignment") return [this.#assignment(one)];
      if (one.type !== "variable_name") return [];
      return [{ name: this.#text.slice(one.start, one.end), append: false, value: undefined, elements: undefined, span: this.#outer(one) }];
    });
    if (assignments.length === 0) return;
    this.#push({ kind: "assign", assignments, declaration, within: this.#within(), span: this.#outer(node) });
  }

  #declaration(node: SyntaxNode): void {
    const [keyword] = node.children;
    for (const child of node.children) if (child.named && child.type !== "variable_assignment") nestedSubstitutions(child, this.#context);
    this.#assign(node, keyword === undefined ? undefined : this.#text.slice(keyword.start, keyword.end), node.children.slice(1));
  }

  /** Words, nodes that only a line continuation parts being one word. */
  #words(nodes: readonly SyntaxNode[]): Word[] {
    const groups: SyntaxNode[][] = [];
    for (const node of nodes) {
      const last = groups.at(-1)?.at(-1);
      if (last !== undefined && /^(?:\\\r?\n)*$/.test(this.#text.slice(last.end, node.start)) && last.end <= node.start) groups.at(-1)?.push(node);
      else groups.push([node]);
    }
    return groups.map((group) => readWord(group, this.#context));
  }

  #command(node: SyntaxNode, redirections: readonly Redirection[], extra: readonly SyntaxNode[]): void {
    let environment: SyntaxNode[] = [];
    const words: SyntaxNode[] = [];
    const redirects: SyntaxNode[] = [];
    for (const child of node.children) {
      if (child.type === "variable_assignment" && words.length === 0) {
        // The grammar takes assignments on lines of their own for a prefix of the next line's command.
        const last = environment.at(-1);
        if (last !== undefined && this.#lineEnds(last.end, child.start)) {
          this.#assign(last, undefined, environment);
          environment = [];
        }
        environment.push(child);
      } else if (child.type.endsWith("_redirect")) redirects.push(child);
      else if (child.type !== "comment") {
        const last = environment.at(-1);
        if (words.length === 0 && last !== undefined && this.#lineEnds(last.end, child.start)) {
          this.#assign(last, undefined, environment);
          environment = [];
        }
        words.push(child);
      }
    }
    const read = this.#words([...words, ...extra]);
    const assignments = environment.map((one) => this.#assignment(one));
    const own = redirects.flatMap((one) => this.#redirections(one));
    const start = environment[0]?.start ?? words[0]?.start ?? node.start;
    this.#emit(read, assignments, [...own, ...redirections, ...this.#enclosure.redirections], { start, end: extra.at(-1)?.end ?? node.end });
  }

  #lineEnds(from: number, to: number): boolean {
    return /(?:^|[^\\])\r?\n|;/.test(this.#text.slice(from, to));
  }

  #emit(read: readonly Word[], assignments: readonly Assignment[], redirections: readonly Redirection[], at: Span): void {
    const [first] = read;
    if (first === undefined) return;
    const { words, wrappers, environment } = unwrap(read);
    const moved = words.map((word) => this.#moved(word)) as [Word, ...Word[]];
    const fromWrappers = environment.map((one) => ({ ...one, value: one.value && this.#moved(one.value), span: this.#outer(one.span) }));
    const span = this.#outer(at);
    this.#push({ kind: "command", words: moved, wrappers, environment: [...assignments, ...fromWrappers], redirections, within: this.#within(), span });
    const name = literalOf(words[0]);
    if (name === undefined) return;
    this.#exit(name, words, span);
    const inner = innerScript(words, this.#text);
    if (inner !== undefined) this.#inner(inner, at);
    const body = wrappers.length === 0 ? this.#functions.get(name) : undefined;
    if (body !== undefined) this.#call(name, moved, body, span);
  }

  /** After `… && exit 0`, the rest runs only sometimes. A failing exit fails the step, as any failing command does. */
  #exit(name: string, words: readonly Word[], span: Span): void {
    const status = words[1]?.parts[0];
    if (name !== "exit" || status?.kind !== "text" || status.text !== "0") return;
    const { within } = this.#enclosure;
    if (within.some(({ kind }) => kind === "subshell" || kind === "substitution" || kind === "pipe")) return;
    if (this.#since.length < MOST_EXITS) this.#since.push({ kind: "exit", span, branch: 0 });
  }

  #call(name: string, words: readonly Word[], definition: SyntaxNode, span: Span): void {
    const { calls } = this.#enclosure;
    if (calls.includes(name) || this.#full()) return;
    if (calls.length >= DEEPEST_NESTING) {
      this.#complain("limit-exceeded", `functions call each other more than ${DEEPEST_NESTING} deep`, definition);
      return;
    }
    const body = definition.children.filter(({ field }) => field === "body");
    const within: Within = { kind: "call", span, branch: 0, call: { name, words } };
    this.#in({ within: [...this.#enclosure.within, within], calls: [...calls, name] }, () => this.#block(body));
  }

  #inner(inner: InnerScript, at: Span): void {
    if (this.#depth >= DEEPEST_NESTING) {
      this.#complain("limit-exceeded", `scripts in scripts are nested more than ${DEEPEST_NESTING} deep`, at);
      return;
    }
    const apart: Within[] = inner.apart ? [{ kind: "subshell", span: this.#outer(at), branch: 0 }] : [];
    const nesting = { depth: this.#depth + 1, toOuter: (span: Span) => this.#outer(inner.toOuter(span)), expanded: inner.expanded };
    const walk = new Walk(inner.text, this.#grammar, nesting, [...this.#within(), ...apart]);
    for (const statement of walk.statements) this.#push(statement);
    for (const complaint of walk.complaints) if (this.complaints.length < MOST_COMPLAINTS) this.complaints.push(complaint);
  }

  #within(): readonly Within[] {
    return [...this.#since, ...this.#enclosure.within];
  }

  #push(statement: Statement): void {
    if (!this.#full()) this.statements.push(statement);
  }

  /** A word with the spans of the outermost script. */
  #moved(word: Word): Word {
    if (this.#toOuter === undefined) return word;
    const move = (parts: Word["parts"]): Word["parts"] =>
      parts.map((part) =>
        part.kind === "variable" ? { ...part, operand: move(part.operand), span: this.#outer(part.span) } : { ...part, span: this.#outer(part.span) },
      );
    return { parts: move(word.parts), span: this.#outer(word.span) };
  }
}
