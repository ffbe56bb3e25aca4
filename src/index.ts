export { isProblem, PROBLEMS, type ProblemCode, ProblemError } from "./core/problem.ts";
