import type { BakeHole, BakeParts } from "./bake-file.ts";
import type { Expression, TemplatePart } from "./expression.ts";
import { type Evaluation, pairsOf, placeOf, type Scope, sourceOf, type World } from "./scope.ts";
import { flagOf, kindName, partsOf } from "./value.ts";

/** The texts that a template makes, piece by piece. */
export function templateParts(parts: readonly TemplatePart[], scope: Scope, evaluator: Evaluation, world: World): BakeParts {
  const whole: (string | BakeHole)[] = [];
  const add = (more: BakeParts): void => {
    for (const part of more) whole.push(part);
  };
  for (const part of parts) {
    if (part.kind === "text") whole.push(part.text);
    else if (part.kind === "insert") {
      const value = evaluator.evaluate(part.value, scope);
      const inserted = partsOf(value);
      if (inserted === undefined) {
        world.complain(`${kindName(value)} stands in a text, and a text, a number, true or false is wanted`, placeOf(part.value, scope));
      }
      add(inserted ?? [holeOf(part.value, scope)]);
    } else if (part.kind === "if") {
      const chosen = flagOf(evaluator.evaluate(part.condition, scope));
      if (chosen === undefined) whole.push(holeOf(part.condition, scope));
      else add(templateParts(chosen ? part.yes : part.no, scope, evaluator, world));
    } else {
      const over = evaluator.evaluate(part.over, scope);
      const pairs = pairsOf(over);
      if (pairs === undefined || ((over.kind === "list" || over.kind === "map") && over.open)) {
        if (over.kind !== "unknown" && pairs === undefined)
          world.complain(`a loop goes over a list or an object, not ${kindName(over)}`, placeOf(part.over, scope));
        whole.push(holeOf(part.over, scope));
        continue;
      }
      for (const [key, value] of pairs) {
        if (!world.spend(1)) break;
        const locals = new Map(scope.locals).set(part.valueName, value);
        if (part.keyName !== undefined) locals.set(part.keyName, key);
        add(templateParts(part.body, { file: scope.file, locals }, evaluator, world));
      }
    }
  }
  return whole;
}

const holeOf = (expression: Expression, scope: Scope): BakeHole => ({ source: sourceOf(expression, scope), atoms: [] });
