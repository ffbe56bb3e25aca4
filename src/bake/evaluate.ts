import type { Place, Span } from "../core/span.ts";
import type { Expression, ForExpression, Operator, SplatStep, TemplatePart } from "./expression.ts";
import { byKey, type Evaluation, pairsOf, placeOf, type Scope, sourceOf, type World } from "./scope.ts";
import { templateParts } from "./template-parts.ts";
import { dictionary, equals, flag, flagOf, kindName, list, merged, NULL, number, numberOf, partsOf, text, unknown, type Value } from "./value.ts";

const CHARACTERS_A_STEP = 1000;
/** Items of a list, unknown stretches of a text, thousands of characters. */
const MOST_PARTS = 10_000;

/** Evaluates expressions. What is wrong is told to the world, and is unknown from then on. */
export class Evaluator implements Evaluation {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  evaluate(expression: Expression, scope: Scope): Value {
    if (!this.#world.spend(1)) return this.#unknown(expression, scope);
    switch (expression.kind) {
      case "literal":
        return literal(expression.value, { file: scope.file, span: expression.span });
      case "given":
        return expression.value;
      case "group":
        return this.evaluate(expression.of, scope);
      case "template":
        return this.#template(expression.parts, scope, expression.span);
      case "variable":
        return this.#variable(expression.name, expression, scope);
      case "attribute":
        return this.#attribute(expression, scope);
      case "index":
        return this.#index(this.evaluate(expression.of, scope), this.evaluate(expression.key, scope), expression, scope);
      case "splat":
        return this.#splat(expression, scope);
      case "call":
        return this.#call(expression, scope);
      case "not":
      case "negate":
        return this.#unary(expression, scope);
      case "operation":
        return this.#operation(expression, scope);
      case "conditional":
        return this.#conditional(expression, scope);
      case "list":
        return { ...list(expression.items.map((item) => this.evaluate(item, scope))), place: { file: scope.file, span: expression.span } };
      case "object":
        return this.#object(expression, scope);
      case "for":
        return this.#for(expression, scope);
    }
  }

  #variable(name: string, expression: Expression, scope: Scope): Value {
    const value = scope.locals.get(name) ?? this.#world.variable(name);
    return value ?? this.#fail(`there is no variable "${name}"`, expression, scope);
  }

  #attribute(expression: Extract<Expression, { readonly kind: "attribute" }>, scope: Scope): Value {
    const { of, name } = expression;
    if (of.kind === "attribute" && of.of.kind === "variable" && !scope.locals.has(of.of.name)) {
      const value = this.#world.blockAttribute(of.of.name, of.name, name, placeOf(expression, scope));
      if (value !== undefined) return value;
    }
    return this.#member(this.evaluate(of, scope), name, expression, scope);
  }

  #member(of: Value, name: string, expression: Expression, scope: Scope): Value {
    if (of.kind === "unknown") return this.#unknown(expression, scope);
    if (of.kind !== "map") return this.#fail(`"${name}" is asked of ${kindName(of)}, and an object is wanted`, expression, scope);
    const value = of.entries.get(name);
    if (value !== undefined) return value;
    return of.open ? this.#unknown(expression, scope) : this.#fail(`the object has no "${name}"`, expression, scope);
  }

  #index(of: Value, key: Value, expression: Expression, scope: Scope): Value {
    if (of.kind === "unknown" || key.kind === "unknown") return this.#unknown(expression, scope);
    if (of.kind === "map") {
      const parts = partsOf(key);
      if (parts === undefined) return this.#fail(`the key of an object is a text, not ${kindName(key)}`, expression, scope);
      return parts.every((part) => typeof part === "string") ? this.#member(of, parts.join(""), expression, scope) : this.#unknown(expression, scope);
    }
    if (of.kind !== "list") return this.#fail(`an index is asked of ${kindName(of)}, and a list or an object is wanted`, expression, scope);
    const at = numberOf(key);
    if (at === undefined)
      return key.kind === "text" && partsOf(key)?.some((part) => typeof part !== "string")
        ? this.#unknown(expression, scope)
        : this.#fail("the index of a list is a number", expression, scope);
    const value = of.items[at];
    if (value !== undefined) return value;
    return of.open ? this.#unknown(expression, scope) : this.#fail(`the list has no item ${at}: it has ${of.items.length}, counted from 0`, expression, scope);
  }

  #splat(expression: Extract<Expression, { readonly kind: "splat" }>, scope: Scope): Value {
    const of = this.evaluate(expression.of, scope);
    if (of.kind === "unknown") return this.#unknown(expression, scope);
    if (of.kind === "null") return list([]);
    const items = of.kind === "list" ? of.items : [of];
    return list(
      items.map((item) => expression.steps.reduce((value, step) => this.#step(value, step, expression, scope), item)),
      of.kind === "list" && of.open,
    );
  }

  #step(value: Value, step: SplatStep, expression: Expression, scope: Scope): Value {
    if (step.kind === "attribute") return this.#member(value, step.name, expression, scope);
    return this.#index(value, this.evaluate(step.key, scope), expression, scope);
  }

  #call(expression: Extract<Expression, { readonly kind: "call" }>, scope: Scope): Value {
    let given = expression.arguments;
    if (expression.spread) {
      const last = given.at(-1);
      const items = last === undefined ? NULL : this.evaluate(last, scope);
      if (items.kind === "unknown" || (items.kind === "list" && items.open)) return this.#unknown(expression, scope);
      if (items.kind !== "list") return this.#fail('a list is wanted before "..."', expression, scope);
      const { span } = last ?? expression;
      given = [...given.slice(0, -1), ...items.items.map((value) => ({ kind: "given" as const, value, span }))];
    }
    const value = this.#world.call(expression.name, given, scope, this, placeOf(expression, scope), sourceOf(expression, scope));
    return value === undefined ? this.#fail(`there is no function "${expression.name}"`, expression, scope) : this.#paid(value, placeOf(expression, scope));
  }

  #unary(expression: Extract<Expression, { readonly kind: "not" | "negate" }>, scope: Scope): Value {
    const of = this.evaluate(expression.of, scope);
    const value = expression.kind === "not" ? flagOf(of) : numberOf(of);
    if (typeof value === "boolean") return flag(!value);
    if (typeof value === "number") return number(-value);
    return this.#unfit(of, expression.kind === "not" ? "true or false" : "a number", expression, scope);
  }

  #operation(expression: Extract<Expression, { readonly kind: "operation" }>, scope: Scope): Value {
    const { operator } = expression;
    const left = this.evaluate(expression.left, scope);
    const right = this.evaluate(expression.right, scope);
    if (operator === "==" || operator === "!=") {
      const same = equals(left, right);
      return same === undefined ? this.#unknown(expression, scope) : flag(same === (operator === "=="));
    }
    if (operator === "&&" || operator === "||") return this.#logic(operator, left, right, expression, scope);
    const [a, b] = [numberOf(left), numberOf(right)];
    if (a === undefined) return this.#unfit(left, "a number", expression.left, scope);
    if (b === undefined) return this.#unfit(right, "a number", expression.right, scope);
    const result = calculated(operator, a, b);
    if (typeof result === "boolean") return flag(result);
    return Number.isFinite(result) ? number(result) : this.#unknown(expression, scope);
  }

  #logic(operator: Operator, left: Value, right: Value, expression: Expression, scope: Scope): Value {
    const [a, b] = [flagOf(left), flagOf(right)];
    // One side alone may decide.
    const decisive = operator === "||";
    if (a === decisive || b === decisive) return flag(decisive);
    if (a === undefined) return this.#unfit(left, "true or false", expression, scope);
    return b === undefined ? this.#unfit(right, "true or false", expression, scope) : flag(!decisive);
  }

  #conditional(expression: Extract<Expression, { readonly kind: "conditional" }>, scope: Scope): Value {
    const condition = this.evaluate(expression.condition, scope);
    const chosen = flagOf(condition);
    if (chosen !== undefined) return this.evaluate(chosen ? expression.yes : expression.no, scope);
    if (condition.kind !== "unknown" && partsOf(condition)?.some((part) => typeof part !== "string") !== true) {
      return this.#fail(`the condition is ${kindName(condition)}, and true or false is wanted`, expression.condition, scope);
    }
    return this.#either(this.evaluate(expression.yes, scope), this.evaluate(expression.no, scope), expression, scope);
  }

  /** One of two values, and nobody knows which. */
  #either(yes: Value, no: Value, expression: Expression, scope: Scope): Value {
    if (equals(yes, no) === true) return yes;
    const source = sourceOf(expression, scope);
    const choices = [choicesOf(yes), choicesOf(no)];
    const place = placeOf(expression, scope);
    if (choices[0] !== undefined && choices[1] !== undefined) {
      return { kind: "unknown", hole: { source, atoms: [], choices: [...new Set([...choices[0], ...choices[1]])] }, place };
    }
    if (yes.kind === "list" && no.kind === "list") {
      const common = yes.items.filter((item) => no.items.some((other) => equals(item, other) === true));
      return { ...list(common, true), place };
    }
    return { ...unknown(source), place };
  }

  #object(expression: Extract<Expression, { readonly kind: "object" }>, scope: Scope): Value {
    const entries = new Map<string, Value>();
    let open = false;
    for (const { key, value } of expression.entries) {
      const named = this.evaluate(key, scope);
      const parts = partsOf(named);
      const content = this.evaluate(value, scope);
      if (parts === undefined) this.#fail(`the key of an object is a text, not ${kindName(named)}`, key, scope);
      else if (parts.every((part) => typeof part === "string")) entries.set(parts.join(""), content);
      else open = true;
    }
    return { ...dictionary(entries, open), place: placeOf(expression, scope) };
  }

  #for(expression: ForExpression, scope: Scope): Value {
    const over = this.evaluate(expression.over, scope);
    if (over.kind === "unknown") return this.#unknown(expression, scope);
    const pairs = pairsOf(over);
    if (pairs === undefined) return this.#fail(`a for-expression goes over a list or an object, not ${kindName(over)}`, expression.over, scope);
    let open = (over.kind === "list" || over.kind === "map") && over.open;
    const items: Value[] = [];
    const entries = new Map<string, Value>();
    const groups = new Map<string, Value[]>();
    for (const [key, value] of pairs) {
      if (!this.#world.spend(1)) return this.#unknown(expression, scope);
      const locals = new Map(scope.locals).set(expression.valueName, value);
      if (expression.keyName !== undefined) locals.set(expression.keyName, key);
      const inner = { file: scope.file, locals };
      if (expression.condition !== undefined) {
        const condition = this.evaluate(expression.condition, inner);
        const holds = flagOf(condition);
        if (holds === undefined) {
          if (condition.kind !== "unknown") this.#unfit(condition, "true or false", expression.condition, inner);
          open = true;
        }
        if (holds !== true) continue;
      }
      const content = this.evaluate(expression.value, inner);
      if (expression.key === undefined) items.push(content);
      else {
        const parts = partsOf(this.evaluate(expression.key, inner));
        if (parts === undefined || !parts.every((part) => typeof part === "string")) open = true;
        else {
          const name = parts.join("");
          const group = groups.get(name) ?? [];
          groups.set(name, group);
          group.push(content);
          entries.set(name, expression.grouped ? list(group) : content);
        }
      }
    }
    return expression.key === undefined ? list(items, open) : dictionary(new Map([...entries].sort(byKey)), open);
  }

  #template(parts: readonly TemplatePart[], scope: Scope, span: Span): Value {
    const place = { file: scope.file, span };
    const [only] = parts;
    if (parts.length === 1 && only?.kind === "insert") {
      const value = this.evaluate(only.value, scope);
      // Its own place is told where it has one: a variable's default is where the text is written.
      return value.place === undefined ? { ...value, place } : value;
    }
    return this.#paid({ kind: "text", parts: merged(templateParts(parts, scope, this, this.#world)), place }, place);
  }

  /** Texts and lists can double with each step: long ones cost more, and too long ones are not made. */
  #paid(value: Value, place: Place): Value {
    let length = 0;
    if (value.kind === "text") for (const part of value.parts) length += typeof part === "string" ? part.length / CHARACTERS_A_STEP : 1;
    else if (value.kind === "list") length = value.items.length;
    else if (value.kind === "map") length = value.entries.size;
    return length < 1 || (length < MOST_PARTS && this.#world.spend(length)) ? value : { ...unknown("a text or list that is too long"), place };
  }

  /** A value of another kind than wanted: unknown, and a mistake unless it may yet be of that kind. */
  #unfit(value: Value, wanted: string, expression: Expression, scope: Scope): Value {
    const may = value.kind === "unknown" || (value.kind === "text" && value.parts.some((part) => typeof part !== "string"));
    return may ? this.#unknown(expression, scope) : this.#fail(`${kindName(value)} stands where ${wanted} is wanted`, expression, scope);
  }

  #fail(message: string, expression: Expression, scope: Scope): Value {
    this.#world.complain(message, placeOf(expression, scope));
    return this.#unknown(expression, scope);
  }

  #unknown(expression: Expression, scope: Scope): Value {
    return { ...unknown(sourceOf(expression, scope)), place: placeOf(expression, scope) };
  }
}

function literal(value: string | number | boolean | null, place: Place): Value {
  if (typeof value === "string") return text(value, place);
  const plain = typeof value === "number" ? number(value) : typeof value === "boolean" ? flag(value) : NULL;
  return { ...plain, place };
}

function calculated(operator: Exclude<Operator, "==" | "!=" | "&&" | "||">, a: number, b: number): number | boolean {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
  }
}

function choicesOf(value: Value): readonly string[] | undefined {
  if (value.kind === "unknown") return value.hole.choices;
  const parts = partsOf(value);
  if (parts === undefined) return undefined;
  if (parts.every((part) => typeof part === "string")) return [parts.join("")];
  const [only] = parts;
  return parts.length === 1 && typeof only === "object" ? only.choices : undefined;
}
