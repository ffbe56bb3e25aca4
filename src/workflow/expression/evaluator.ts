import { Evaluator, data as library, wellKnownFunctions } from "@actions/expressions";
import {
  type Binary,
  type ContextAccess,
  type Expr,
  type ExprVisitor,
  type FunctionCall,
  type Grouping,
  IndexAccess,
  Literal,
  type Logical,
  Star,
  type Unary,
} from "@actions/expressions/ast";
import type { Assumptions } from "./assumptions.ts";
import { compare } from "./compare.ts";
import { type Contexts, type Data, type Given, type GivenObject, isKnown, memberOf, OPEN, toLibrary, UNKNOWN_BOOLEAN, UnknownOf } from "./data.ts";
import { logical, not } from "./logic.ts";
import { boolean, composed, inBrackets, isUnknown, leaf, type Operand, sourceOf, truthinessOf } from "./unknowns.ts";

/** A text that a function makes; `format` within `format` doubles and doubles. */
const LONGEST_TEXT = 1024 * 1024;

/** How the job has gone so far. */
export type JobStatus = "success" | "failure" | "cancelled";

/** A list or object of the contexts: most are big, and of most one member is asked for. */
interface Part {
  readonly kind: "part";
  readonly given: readonly Given[] | GivenObject;
  readonly path: string;
}

const NAME = /^[A-Za-z_][\w-]*$/;

/** Evaluates an expression of which parts are unknown. Throws the library's errors. */
export class PartialEvaluator implements ExprVisitor<Operand | Part> {
  readonly #contexts: Contexts;
  readonly #assumptions: Assumptions;
  readonly #status: JobStatus | undefined;

  constructor(contexts: Contexts, assumptions: Assumptions, status: JobStatus | undefined) {
    this.#contexts = contexts;
    this.#assumptions = assumptions;
    this.#status = status;
  }

  evaluate(tree: Expr): Operand {
    return this.#settled(tree.accept<Operand | Part>(this));
  }

  visitLiteral(literal: Literal): Operand {
    return literal.literal;
  }

  visitGrouping(grouping: Grouping): Operand | Part {
    return grouping.group.accept<Operand | Part>(this);
  }

  visitUnary(unary: Unary): Operand {
    return not(this.evaluate(unary.expr));
  }

  visitBinary(binary: Binary): Operand {
    return compare(binary.operator.lexeme, this.evaluate(binary.left), this.evaluate(binary.right), this.#assumptions);
  }

  visitLogical(node: Logical): Operand {
    return logical(node.operator.lexeme === "&&" ? "&&" : "||", node.args.length, (i) => this.evaluate(node.args[i] as Expr));
  }

  visitContextAccess(access: ContextAccess): Operand | Part {
    const name = access.name.lexeme.toLowerCase();
    return this.#given(memberOf(this.#contexts, name), name);
  }

  visitIndexAccess(access: IndexAccess): Operand | Part {
    const object = access.expr.accept<Operand | Part>(this);
    if (access.index instanceof Star) {
      const whole = object.kind === "part" ? this.#settled(object) : object;
      return isUnknown(whole) ? leaf(`${pathOf(object)}.*`, this.#assumptions, false) : stock(whole, access.index);
    }
    const index = this.evaluate(access.index);
    if (isUnknown(index)) return leaf(`${pathOf(object)}[${index.residual}]`, this.#assumptions, false);
    if (object.kind === "part") return this.#member(object, index);
    if (isUnknown(object)) return leaf(inBrackets(object) + keySource(index), this.#assumptions, false);
    return stock(object, new Literal(index, NO_TOKEN));
  }

  visitFunctionCall(call: FunctionCall): Operand {
    const name = call.functionName.lexeme.toLowerCase();
    if (name === "always") return boolean(true);
    if ((name === "success" || name === "failure" || name === "cancelled") && call.args.length === 0) return this.#jobStatus(name);
    if (name === "case") return this.#choice(call.args, 0);
    const args = call.args.map((arg) => this.evaluate(arg));
    const definition = Object.hasOwn(wellKnownFunctions, name) ? wellKnownFunctions[name] : undefined;
    if (definition !== undefined && args.every((arg) => !isUnknown(arg))) return limited(definition.call(...(args as library.ExpressionData[])));
    return this.#unknownCall(name, call.functionName.lexeme, args);
  }

  #unknownCall(name: string, written: string, args: readonly Operand[]): Operand {
    const predicate = ["contains", "startswith", "endswith", "success", "failure"].includes(name);
    const result = composed(`${written}(${args.map(sourceOf).join(", ")})`, args, this.#assumptions, predicate);
    return isUnknown(result) && neverEmpty(name, args) ? { ...result, truthiness: true } : result;
  }

  /** `case(condition, value, condition, value, …, otherwise)`. */
  #choice(args: readonly Expr[], from: number): Operand {
    const last = args[from] as Expr;
    if (from === args.length - 1) return this.evaluate(last);
    const condition = this.evaluate(last);
    if (!isUnknown(condition) && condition.kind !== library.Kind.Boolean) throw new Error("a condition of case() is neither true nor false");
    const truth = truthinessOf(condition);
    if (truth === false) return this.#choice(args, from + 2);
    if (truth === true) return this.evaluate(args[from + 1] as Expr);
    const rest = [condition, ...args.slice(from + 1).map((arg) => this.evaluate(arg))];
    return {
      kind: "unknown",
      residual: `case(${rest.map(sourceOf).join(", ")})`,
      atoms: isUnknown(condition) ? condition.atoms : [],
      truthiness: undefined,
      isBoolean: false,
      isLeaf: false,
    };
  }

  #jobStatus(name: JobStatus): Operand {
    return this.#status === undefined ? leaf(`${name}()`, this.#assumptions, true) : boolean(this.#status === name);
  }

  #member(part: Part, index: library.ExpressionData): Operand | Part {
    const { given, path } = part;
    if (Array.isArray(given)) {
      const at = Math.floor(index.number());
      return at >= 0 && at < given.length ? this.#given(given[at] as Given, `${path}[${at}]`) : new library.Null();
    }
    const object = given as GivenObject;
    const key = index.primitive ? index.coerceString() : undefined;
    const found = key === undefined ? undefined : memberOf(object, key);
    if (found === undefined && object[OPEN] === undefined) return new library.Null();
    return this.#given(found, path + keySource(index));
  }

  #given(given: Given | undefined, path: string): Operand | Part {
    if (given === undefined || typeof given === "symbol") return leaf(path, this.#assumptions, given === UNKNOWN_BOOLEAN);
    if (given instanceof UnknownOf) return this.#unknownOf(given, path);
    if (given !== null && typeof given === "object") return { kind: "part", given: given as readonly Given[] | GivenObject, path };
    return toLibrary(given as Data);
  }

  #unknownOf({ source, atoms, isBoolean, isFilled }: UnknownOf, path: string): Operand {
    const truthiness = isFilled ? true : undefined;
    if (atoms.length > 0) return { kind: "unknown", residual: source ?? path, atoms, truthiness, isBoolean, isLeaf: false };
    const operand = leaf(source ?? path, this.#assumptions, isBoolean);
    return isUnknown(operand) && isFilled ? { ...operand, truthiness } : operand;
  }

  /** A list or object of which not all is known, used as a whole, is unknown but counts as true. */
  #settled(operand: Operand | Part): Operand {
    if (operand.kind !== "part") return operand;
    if (isKnown(operand.given)) return toLibrary(operand.given);
    return { kind: "unknown", residual: operand.path, atoms: [operand.path], truthiness: true, isBoolean: false, isLeaf: true };
  }
}

const NO_TOKEN: Literal["token"] = { type: 0, lexeme: "", range: { start: { line: 0, column: 0 }, end: { line: 0, column: 0 } } };

/** Indexing of what is known, by the library. */
function stock(object: library.ExpressionData, index: Expr): library.ExpressionData {
  return new Evaluator(new IndexAccess(new Literal(object, NO_TOKEN), index), new library.Dictionary()).evaluate();
}

const pathOf = (operand: Operand | Part): string => (operand.kind === "part" ? operand.path : inBrackets(operand));

function keySource(index: library.ExpressionData): string {
  if (index.kind === library.Kind.String && NAME.test(index.coerceString())) return `.${index.coerceString()}`;
  return `[${sourceOf(index)}]`;
}

/** `toJSON` always writes something, `format` at least what stands around its places. */
function neverEmpty(name: string, args: readonly Operand[]): boolean {
  const [pattern] = args;
  if (name === "tojson") return true;
  return name === "format" && pattern?.kind === library.Kind.String && (pattern as library.StringData).value.replace(/\{\d+\}/g, "") !== "";
}

function limited(result: library.ExpressionData): library.ExpressionData {
  if (result.kind === library.Kind.String && (result as library.StringData).value.length > LONGEST_TEXT) {
    throw new Error(`the expression makes a text longer than the ${LONGEST_TEXT} characters we follow`);
  }
  return result;
}
