import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readShellLine } from "./shell-line.ts";

const variables = {
  env: new Map([
    ["APP", "/srv/app"],
    ["OPTS", "-a  -b"],
    ["EMPTY", ""],
  ]),
  positional: ["sh", "one", "two words"],
};
const MARK = { known: "", assumed: "~", opaque: "?" } as const;

/** `joint word word …`; `~` before a word that holds a variable, `?` before one that is not known. */
const shown = (line: string): readonly string[] =>
  readShellLine(line, variables).map(({ joint, assignments, words }) =>
    [
      ...(joint === "" ? [] : [joint]),
      ...assignments.map(({ name, value }) => `${name}=${value.text}`),
      ...words.map(({ text, value }) => `${MARK[value]}${text}`),
    ].join(" "),
  );

const cases: Readonly<Record<string, readonly [line: string, ...commands: string[]]>> = {
  "one command": ["app --x y", "app --x y"],
  joints: ["a && b || c; d | e & f\ng", "a", "&& b", "|| c", "; d", "| e", "& f", "; g"],
  "a line's end behind a joint": ["a &&\n b", "a", "&& b"],
  "a joined line": ["a \\\n b", "a b"],
  quotes: [`a 'b c' "d e" f\\ g ''`, "a b c d e f g "],
  "a quote in a word": [`--x="a b"`, "--x=a b"],
  "assignments before a command": ["A=1 B='x y' app C=2", "A=1 B=x y app C=2"],
  "assignments alone": ["A=1; app", "A=1", "; app"],
  "a variable that the line sets is not known": ["APP=x; $APP", "APP=x", "; ?"],
  "variables of the image": [`$APP "$OPTS" $OPTS`, "~/srv/app ~-a  -b ~-a ~-b"],
  "an unset variable is no word": ["a $NONE b", "a b"],
  "an unset variable in quotes is an empty word": [`a "$NONE" b`, "a ~ b"],
  "an unset variable as the program": ["$NONE b", "? b"],
  "a default": [`\${NONE:-/x} \${APP:-/y}`, "~/x ~/srv/app"],
  "the empty value takes the default": [`a \${EMPTY:-/x}`, "a ~/x"],
  arguments: [`"$1" "$@"`, "one one two words"],
  "what is known at run time only": ["a $HOME $(date) `date` $? $((1+1)) *.sh ~/x", "a ? ? ? ? ? ?*.sh ?~/x"],
  redirections: ["a >out 2>&1 <in &>x b", "a b"],
  "a comment": ["a # b c\nd", "a", "; d"],
  "a number before a redirection is no word": ["a 2>/dev/null", "a"],
  "a group ends it": ["a; (b)", "a"],
  "a here-document ends it": ["a; cat <<EOF\nx\nEOF", "a"],
  "an open quote ends it": ["a; b 'c", "a"],
  nothing: [""],
};

describe("readShellLine", () => {
  for (const [name, [line, ...commands]] of Object.entries(cases)) test(name, () => expect(shown(line)).toEqual(commands));

  test("ends, whatever the line", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", " ", "$", "{", "}", "(", ")", "'", '"', "`", "\\", ";", "&", "|", "<", ">", "\n", "#", "@", "=", "-", "1", "*", "APP"), {
          maxLength: 40,
        }),
        (parts) => {
          const commands = readShellLine(parts.join(""), variables);
          expect(commands.every(({ words, assignments }) => words.length + assignments.length > 0)).toBe(true);
        },
      ),
    );
  });
});
