import { expect, test } from "vitest";
import { type Look, watchNode } from "./node-watch.ts";

/** Looks one after the other: undefined for a node that answers. After the last, `end` is called and the node answers. */
function looks(found: readonly (string | undefined)[], end = (): void => {}): Look & { times(): number } {
  let times = 0;
  const look: Look = async () => {
    const one = found[times++];
    if (times > found.length) end();
    return one;
  };
  return Object.assign(look, { times: () => times });
}
const QUICK = { everyMs: 0, againMs: 0 };

test.each([
  ["that never answers is lost with the second look", ["refuses", "refuses"]],
  ["that answered once is given a third", [undefined, "a", "b", "c"]],
  ["that answers between is given all again", [undefined, "a", "b", undefined, "a", "b", "c"]],
])("a node %s", async (_, found) => {
  const look = looks(found);
  expect(await watchNode(look, new AbortController().signal, QUICK)).toBe(found.at(-1));
  expect(look.times()).toBe(found.length);
});

test("a watch that is ended says nothing any more", async () => {
  const over = new AbortController();
  const watched = new Promise<string>((tell) => {
    const look = looks([undefined, "a"], () => {
      over.abort();
      setImmediate(() => tell("ended"));
    });
    void watchNode(look, over.signal, QUICK).then(tell);
  });
  expect(await watched).toBe("ended");
});
