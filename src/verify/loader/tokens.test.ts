import { expect, test } from "vitest";
import { expandTokens } from "./tokens.ts";

const TOKENS = { ORIGIN: ["/opt/app"], LIB: ["lib/x86_64-linux-gnu", "lib64"], PLATFORM: [] };

test.each([
  ["/usr/lib", ["/usr/lib"]],
  ["$ORIGIN/../lib", ["/opt/app/../lib"]],
  ["\u0024{ORIGIN}/lib:$ORIGIN", ["/opt/app/lib:/opt/app"]],
  ["/opt/$LIB", ["/opt/lib/x86_64-linux-gnu", "/opt/lib64"]],
  ["$LIBRARY/$ORIGINS", ["$LIBRARY/$ORIGINS"]],
  ["$HOME/${LIB", ["$HOME/${LIB"]],
  ["/opt/$PLATFORM", []],
])("%s", (text, readings) => {
  expect(expandTokens(text, TOKENS)).toEqual(readings);
});
