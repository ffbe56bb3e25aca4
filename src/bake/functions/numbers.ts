import { flag, number, numberOf, textOf } from "../value.ts";
import { type BakeFunction, Mistake, ofFlags, ofKnown, ofNumbers } from "./function.ts";

const ANY = Number.POSITIVE_INFINITY;
const finite = (value: number) => (Number.isFinite(value) ? number(value) : new Mistake("has no finite result"));

export const NUMBER_FUNCTIONS: Readonly<Record<string, BakeFunction>> = {
  add: ofNumbers((a = 0, b = 0) => finite(a + b), 2),
  subtract: ofNumbers((a = 0, b = 0) => finite(a - b), 2),
  multiply: ofNumbers((a = 0, b = 0) => finite(a * b), 2),
  divide: ofNumbers((a = 0, b = 0) => finite(a / b), 2),
  modulo: ofNumbers((a = 0, b = 0) => finite(a % b), 2),
  pow: ofNumbers((a = 0, b = 0) => finite(a ** b), 2),
  absolute: ofNumbers((a = 0) => number(Math.abs(a)), 1),
  negate: ofNumbers((a = 0) => number(-a), 1),
  ceil: ofNumbers((a = 0) => number(Math.ceil(a)), 1),
  floor: ofNumbers((a = 0) => number(Math.floor(a)), 1),
  int: ofNumbers((a = 0) => number(Math.trunc(a)), 1),
  signum: ofNumbers((a = 0) => number(Math.sign(a)), 1),
  min: ofNumbers((...all) => number(Math.min(...all)), 1, ANY),
  max: ofNumbers((...all) => number(Math.max(...all)), 1, ANY),
  lessthan: ofNumbers((a = 0, b = 0) => flag(a < b), 2),
  lessthanorequalto: ofNumbers((a = 0, b = 0) => flag(a <= b), 2),
  greaterthan: ofNumbers((a = 0, b = 0) => flag(a > b), 2),
  greaterthanorequalto: ofNumbers((a = 0, b = 0) => flag(a >= b), 2),
  and: ofFlags((a = false, b = false) => flag(a && b), 2),
  or: ofFlags((a = false, b = false) => flag(a || b), 2),
  not: ofFlags((a = false) => flag(!a), 1),
  parseint: ofKnown(([digits, base]) => {
    const [written, radix] = [textOf(digits), base && numberOf(base)];
    const value =
      written !== undefined && radix !== undefined && radix >= 2 && radix <= 36 && /^-?[0-9a-z]+$/i.test(written)
        ? Number.parseInt(written, radix)
        : Number.NaN;
    return Number.isNaN(value) ? new Mistake("wants digits and their base") : number(value);
  }, 2),
};
