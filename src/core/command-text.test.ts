import { expect, test } from "vitest";
import { commandText } from "./command-text.ts";

test.each([
  [["app", "--port=80", "/etc/a.b"], "app --port=80 /etc/a.b"],
  [["sh", "-c", "echo hi; exit 3"], "sh -c 'echo hi; exit 3'"],
  [["echo", "", "it's"], `echo '' 'it'\\''s'`],
  [["C:\\app.exe"], "'C:\\app.exe'"],
  [[], ""],
])("%j", (words, text) => {
  expect(commandText(words)).toBe(text);
});
