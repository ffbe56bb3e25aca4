import type { Contexts, Given } from "../workflow/expression/data.ts";
import type { Job, Workflow } from "../workflow/model.ts";
import { type JobResult, seenOf } from "./job-needs.ts";
import { type StartExpressions, startExpressions } from "./job-share.ts";
import type { StudySetting } from "./walk-setting.ts";

/** What was walked of a job, kept for scenarios that it cannot tell apart. */
export class KnownJobs {
  readonly #results = new Map<string, JobResult>();
  readonly #readers = new Set<Job>();
  readonly #expressions = new Map<Job, StartExpressions>();
  readonly #numbers = new Map<object, number>();
  readonly #seen = new Map<string, number>();
  readonly #seenOutcomes = new Map<JobResult["outcomes"], number>();
  readonly walks = new Map<Job, number>();

  expressions(workflow: Workflow, job: Job, study: StudySetting): StartExpressions {
    let expressions = this.#expressions.get(job);
    if (expressions === undefined) {
      expressions = startExpressions(workflow, job, study.sources);
      this.#expressions.set(job, expressions);
    }
    return expressions;
  }

  /** A number that stands for an object in keys. */
  numberOf(object: object): number {
    const number = this.#numbers.get(object) ?? this.#numbers.size;
    this.#numbers.set(object, number);
    return number;
  }

  /** The same for results in which others see the same. */
  seenNumber(result: JobResult | undefined): number {
    if (result === undefined) return -1;
    // Scenarios that share a result share its outcomes.
    let number = this.#seenOutcomes.get(result.outcomes);
    if (number === undefined) {
      const seen = seenOf(result);
      number = this.#seen.get(seen) ?? this.#seen.size;
      this.#seen.set(seen, number);
      this.#seenOutcomes.set(result.outcomes, number);
    }
    return number;
  }

  find(job: Job, key: string, eventKey: () => string): JobResult | undefined {
    return this.#results.get(this.#readers.has(job) ? `${key}\n${eventKey()}` : key);
  }

  keep(job: Job, key: string, eventKey: () => string, readsGithub: boolean, result: JobResult): void {
    if (readsGithub) this.#readers.add(job);
    this.#results.set(this.#readers.has(job) ? `${key}\n${eventKey()}` : key, result);
  }
}

const EVENT_KEYS = "event_name ref ref_name ref_type repository repository_owner base_ref head_ref".split(" ");

/** What of an event actions look at beside expressions, as text. */
export function eventOf({ github }: Contexts): string {
  const object = (typeof github === "object" && github !== null ? github : {}) as Readonly<Record<string, Given>>;
  const { event } = object;
  const repository = typeof event === "object" && event !== null ? (event as Readonly<Record<string, Given>>).repository : undefined;
  const plain = [...EVENT_KEYS.map((name) => object[name]), repository].map((given) => (typeof given === "symbol" ? String(given) : (given ?? null)));
  return JSON.stringify(plain);
}
