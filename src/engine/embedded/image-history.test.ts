import { describe, expect, test } from "vitest";
import { goTime } from "./go-time.ts";
import { finishHistory } from "./image-history.ts";

const BASE = "2020-01-01T00:00:00Z";
const layer = (ms: number) => ({ createdMs: ms, description: "COPY a b" });
const FROM_BASE = { description: "FROM base" };
const times = (...given: Parameters<typeof finishHistory>): (string | undefined)[] => finishHistory(...given).map(({ created }) => created);

describe("times of entries", () => {
  test("a layer's entry has the layer's time", () => {
    expect(times({ baseHistory: [], history: [{ created_by: "a" }, { created_by: "b" }] }, [layer(1000), layer(2500)], undefined)).toEqual([
      "1970-01-01T00:00:01Z",
      "1970-01-01T00:00:02.5Z",
    ]);
  });

  test("an entry without a layer has the time of the layer before it, and before the first new layer that one's", () => {
    const history = [{ empty_layer: true }, { created_by: "a" }, { empty_layer: true }, { created_by: "b" }];
    expect(times({ baseHistory: [{ created: BASE }], history }, [FROM_BASE, layer(1000), layer(2000)], undefined)).toEqual([
      BASE,
      "1970-01-01T00:00:01Z",
      "1970-01-01T00:00:01Z",
      "1970-01-01T00:00:01Z",
      "1970-01-01T00:00:02Z",
    ]);
  });

  test("without any new layer it is the base's last", () => {
    expect(times({ baseHistory: [{ created: BASE }], history: [{ empty_layer: true }] }, [FROM_BASE], undefined)).toEqual([BASE, BASE]);
  });

  test("without any time there is none", () => {
    expect(times({ baseHistory: [], history: [{ empty_layer: true }] }, [], undefined)).toEqual([undefined]);
  });

  test("an epoch clamps what this build adds, and only that", () => {
    const history = [{ empty_layer: true }, { created_by: "a" }];
    expect(times({ baseHistory: [{ created: BASE }], history }, [FROM_BASE, layer(5000)], 2)).toEqual([BASE, "1970-01-01T00:00:02Z", "1970-01-01T00:00:02Z"]);
  });
});

test("a base that tells of too few layers gets entries for the others", () => {
  const entries = finishHistory({ baseHistory: [], history: [{ created_by: "a" }] }, [FROM_BASE, layer(1000)], undefined);
  expect(entries).toHaveLength(2);
  expect(entries.filter((entry) => entry.empty_layer !== true)).toHaveLength(2);
});

test("a base that tells of too many layers loses them", () => {
  const entries = finishHistory({ baseHistory: [{}, {}], history: [{ created_by: "a" }] }, [FROM_BASE, layer(1000)], undefined);
  expect(entries.filter((entry) => entry.empty_layer !== true)).toHaveLength(2);
});

test("times read as Go writes them", () => {
  expect([0, 1, 10, 120, 30_000].map(goTime)).toEqual([
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00.001Z",
    "1970-01-01T00:00:00.01Z",
    "1970-01-01T00:00:00.12Z",
    "1970-01-01T00:00:30Z",
  ]);
});
