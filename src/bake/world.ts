import type { Complaint, Severity } from "../core/complaint.ts";
import { nearest } from "../core/nearest.ts";
import type { ProblemCode } from "../core/problem.ts";
import { countText } from "../core/quantity.ts";
import type { Place } from "../core/span.ts";
import type { BakeParts, BakeRequest } from "./bake-file.ts";
import type { BakeBlock } from "./body.ts";
import { attributeOf, type Definitions, fileOf, nameList, nameOf } from "./definitions.ts";
import { Evaluator } from "./evaluate.ts";
import type { Expression } from "./expression.ts";
import { fromText, inferred } from "./from-environment.ts";
import { valueOfJson } from "./functions/encodings.ts";
import { Mistake } from "./functions/function.ts";
import { OPAQUE_FUNCTIONS, STANDARD_FUNCTIONS } from "./functions/standard.ts";
import type { Evaluation, Scope, World } from "./scope.ts";
import { converted, type Type, typeOf } from "./types.ts";
import { flag, joined, list, NULL, text, unknown, type Value } from "./value.ts";

/** Expressions, rounds of loops, items: a real file needs some thousands. */
const MOST_STEPS = 500_000;
const MOST_COMPLAINTS = 50;

export const NO_LOCALS: ReadonlyMap<string, Value> = new Map();

/** The row of a matrix that a target is; without a matrix there is one row, without names. */
export interface Row {
  readonly block: BakeBlock;
  readonly name: string;
  readonly scope: Scope;
}

/** The names of bake files, evaluated as they are needed and at most once each. */
export class BakeWorld implements World {
  readonly evaluator: Evaluator = new Evaluator(this);
  readonly complaints: Complaint[] = [];
  /** By kind of block and name, matrices expanded. Set when names are known: until then, targets cannot refer to each other. */
  rows: ReadonlyMap<string, readonly Row[]> = new Map();
  readonly #definitions: Definitions;
  readonly #request: BakeRequest;
  readonly #values = new Map<string, Value | undefined>();
  readonly #attributes = new Map<Expression, Map<Row, Value>>();
  /** What is being evaluated: names of variables and functions, attributes of rows. */
  readonly #open = new Set<unknown>();
  readonly #told = new Set<string>();
  #steps = 0;
  /** Above zero within `try` and `can`: mistakes are counted, not told. */
  #trials = 0;
  #mistakes = 0;

  constructor(definitions: Definitions, request: BakeRequest) {
    this.#definitions = definitions;
    this.#request = request;
  }

  /** Evaluates everything that Buildx evaluates even when nothing asks for it. */
  evaluateAll(): void {
    for (const name of [...this.#definitions.variables.keys(), ...this.#definitions.globals.keys()]) this.variable(name);
    for (const block of this.#definitions.variables.values()) this.#validate(block);
  }

  complain(message: string, place: Place, hint?: string, code: ProblemCode = "bake-syntax", severity: Severity = "error"): void {
    this.#mistakes++;
    if (this.#trials > 0 || this.complaints.length >= MOST_COMPLAINTS) return;
    const key = `${place.file.name}\n${place.span.start}\n${message}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.complaints.push({ code, severity, message, hint, place });
  }

  spend(steps: number): boolean {
    this.#steps += steps;
    return this.#steps <= MOST_STEPS;
  }

  /** Whether there was more to evaluate than we do. */
  get isSpent(): boolean {
    return this.#steps > MOST_STEPS;
  }

  variable(name: string): Value | undefined {
    if (this.#values.has(name)) return this.#values.get(name);
    const builtIn = name === "BAKE_CMD_CONTEXT" ? "cwd://" : name === "BAKE_LOCAL_PLATFORM" ? (this.#request.localPlatform ?? "linux/amd64") : undefined;
    if (builtIn !== undefined) return text(builtIn);
    const global = this.#definitions.globals.get(name);
    const block = this.#definitions.variables.get(name);
    if (global === undefined && block === undefined) return undefined;
    const place = global?.place ?? (block as BakeBlock).place;
    const value = this.#once(`variable ${name}`, `the variable "${name}" hangs on itself`, place, () => {
      const plain =
        global === undefined ? this.#default(block as BakeBlock, name) : this.evaluator.evaluate(global.value, { file: global.place.file, locals: NO_LOCALS });
      return block === undefined ? plain : this.#overridden(block, name, plain);
    });
    this.#values.set(name, value);
    return value;
  }

  blockAttribute(root: string, name: string, attribute: string, place: Place): Value | undefined {
    if (root !== "target" && root !== "group") return undefined;
    const rows = this.rows.get(`${root} ${name}`);
    const row = rows?.at(-1);
    if (row === undefined) {
      this.complain(`there is no ${root} "${name}"`, place);
      return { ...unknown(`${root}.${name}.${attribute}`), place };
    }
    const expression = attributeOf(row.block, attribute)?.value;
    return expression === undefined ? NULL : this.attribute(row, expression);
  }

  /** Tells what Buildx silently passes over. */
  warn(message: string, place: Place, hint?: string): void {
    this.complain(message, place, hint, "bake-syntax", "warning");
  }

  /** An attribute of a block in one row. */
  attribute(row: Row, expression: Expression): Value {
    const known = this.#attributes.get(expression) ?? new Map<Row, Value>();
    this.#attributes.set(expression, known);
    let value = known.get(row);
    if (value === undefined) {
      const place = { file: row.scope.file, span: expression.span };
      value = this.#once(expression, `an attribute of "${row.name}" hangs on itself`, place, () => this.evaluator.evaluate(expression, row.scope));
      known.set(row, value);
    }
    return value;
  }

  call(name: string, given: readonly Expression[], scope: Scope, evaluator: Evaluation, place: Place, source: string): Value | undefined {
    if (name === "try" || name === "can") return this.#attempt(name, given, scope, place, source);
    if (name === "convert") return this.#convert(given, scope, place, source);
    const standard = STANDARD_FUNCTIONS.get(name);
    const own = standard === undefined ? this.#definitions.functions.get(name) : undefined;
    if (standard === undefined && own === undefined && !OPAQUE_FUNCTIONS.has(name)) {
      const meant = nearest(name, [...STANDARD_FUNCTIONS.keys(), ...OPAQUE_FUNCTIONS, ...this.#definitions.functions.keys()]);
      this.complain(`there is no function "${name}"`, place, meant === undefined ? undefined : `did you mean "${meant}"?`);
      return { ...unknown(source), place };
    }
    const values = given.map((argument) => evaluator.evaluate(argument, scope));
    if (own !== undefined) return this.#ownFunction(own, name, values, place, source);
    if (standard === undefined) return { ...unknown(source), place };
    const result = standard(values, source);
    if (!(result instanceof Mistake)) return result;
    // A part of a value that is not known may have been what it lacks.
    if (!values.some(isUnknown)) this.complain(`the function "${name}" ${result.message}`, place);
    return { ...unknown(source), place };
  }

  #ownFunction(block: BakeBlock, name: string, values: readonly Value[], place: Place, source: string): Value {
    const [params, rest, result] = ["params", "variadic_params", "result"].map((one) => attributeOf(block, one)?.value);
    const names = params === undefined ? undefined : nameList(params);
    if (names === undefined || names.includes(undefined) || result === undefined) {
      this.complain(`the function "${name}" wants "params", a list of names, and "result"`, block.place);
      return unknown(source);
    }
    const restName = rest === undefined ? undefined : nameOf(rest);
    if (values.length < names.length || (restName === undefined && values.length > names.length)) {
      this.complain(
        `the function "${name}" wants ${countText(names.length, "argument")}, and there ${values.length === 1 ? "is" : "are"} ${values.length}`,
        place,
      );
      return unknown(source);
    }
    const locals = new Map(names.map((param, i) => [param as string, values[i] as Value]));
    if (restName !== undefined) locals.set(restName, list(values.slice(names.length)));
    return this.#once(`function ${name}`, `the function "${name}" calls itself`, block.place, () =>
      this.evaluator.evaluate(result, { file: fileOf(block), locals }),
    );
  }

  #attempt(name: "try" | "can", given: readonly Expression[], scope: Scope, place: Place, source: string): Value {
    for (const argument of given) {
      const before = this.#mistakes;
      this.#trials++;
      const value = this.evaluator.evaluate(argument, scope);
      this.#trials--;
      const failed = this.#mistakes > before;
      if (name === "can") return failed ? flag(false) : isUnknown(value) ? unknown(source) : flag(true);
      if (!failed) return value;
    }
    this.complain(`the function "${name}" finds no argument that can be evaluated`, place);
    return unknown(source);
  }

  #convert([given, wanted]: readonly Expression[], scope: Scope, place: Place, source: string): Value {
    const type = wanted && typeOf(wanted);
    const value = given && this.evaluator.evaluate(given, scope);
    const result = value && type && converted(value, type);
    if (result !== undefined) return result;
    this.complain('the function "convert" wants a value and a type that it can have', place);
    return unknown(source);
  }

  /** Guards against what refers to itself. */
  #once(key: unknown, cycle: string, place: Place, work: () => Value): Value {
    if (this.#open.has(key)) {
      this.complain(cycle, place);
      return { ...unknown(cycle), place };
    }
    this.#open.add(key);
    try {
      return work();
    } finally {
      this.#open.delete(key);
    }
  }

  #default(block: BakeBlock, name: string): Value {
    const attribute = attributeOf(block, "default");
    const type = this.#type(block);
    if (attribute === undefined) return type === undefined ? text("", block.place) : NULL;
    const value = this.evaluator.evaluate(attribute.value, { file: fileOf(block), locals: NO_LOCALS });
    const fitting = type === undefined ? value : converted(value, type);
    if (fitting !== undefined) return fitting.place === undefined ? { ...fitting, place: attribute.place } : fitting;
    this.complain(`the default of the variable "${name}" is not of its type`, attribute.place);
    return unknown(name);
  }

  #type(block: BakeBlock): Type | undefined {
    const attribute = attributeOf(block, "type");
    if (attribute === undefined || (attribute.value.kind === "literal" && attribute.value.value === null)) return undefined;
    const type = typeOf(attribute.value);
    if (type === undefined) this.complain("a type is wanted: string, number, bool, any, list(…), set(…), map(…), object(…), tuple(…)", attribute.place);
    return type;
  }

  /** What the environment makes of a variable. */
  #overridden(block: BakeBlock, name: string, plain: Value): Value {
    const { variables } = this.#request;
    const type = this.#type(block);
    const jsonName = `${name}_JSON`;
    const asJson = variables.has(jsonName) && !this.#definitions.variables.has(jsonName) && (type !== undefined || !variables.has(name));
    if (!asJson && !variables.has(name)) return plain;
    const given = variables.get(asJson ? jsonName : name);
    const parts: BakeParts | undefined = typeof given === "string" ? (given === "" ? [] : [given]) : given;
    if (parts === undefined) return unknown(name);
    const whole = joined(parts);
    if (asJson && type !== undefined) return whole === undefined ? unknown(name) : this.#fromJson(whole, type, name, block);
    const wanted = type ?? inferred(plain);
    if (wanted === undefined) {
      this.complain(`the environment sets the variable "${name}", whose default is no text, number or switch`, block.place, "give the variable a type");
      return unknown(name);
    }
    if (wanted.kind === "text" || wanted.kind === "any") return { kind: "text", parts };
    if (whole === undefined) return unknown(name);
    const value = fromText(whole, wanted);
    if (value === undefined) this.complain(`the environment sets the variable "${name}" to what is not of its type`, block.place);
    return value ?? unknown(name);
  }

  #fromJson(whole: string, type: Type, name: string, block: BakeBlock): Value {
    try {
      const value = converted(valueOfJson(JSON.parse(whole)), type);
      if (value !== undefined) return value;
    } catch {
      // Told below.
    }
    this.complain(`the environment sets "${name}_JSON" to what is no JSON of the variable's type`, block.place);
    return unknown(name);
  }

  #validate(block: BakeBlock): void {
    const scope = { file: fileOf(block), locals: NO_LOCALS };
    for (const rule of block.body.blocks) {
      const condition = rule.type === "validation" ? attributeOf(rule, "condition") : undefined;
      if (condition === undefined) continue;
      const holds = this.evaluator.evaluate(condition.value, scope);
      if (holds.kind !== "flag" || holds.value) continue;
      const message = attributeOf(rule, "error_message");
      const told = message && this.evaluator.evaluate(message.value, scope);
      const why = told?.kind === "text" ? joined(told.parts) : undefined;
      this.complain(`the variable "${block.labels[0] ?? ""}" is not valid${why === undefined ? "" : `: ${why}`}`, condition.place);
    }
  }
}

const isUnknown = (value: Value): boolean =>
  value.kind === "unknown" || (value.kind === "text" && value.parts.some((part) => typeof part !== "string")) || (value.kind === "list" && value.open);
