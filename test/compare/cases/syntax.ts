// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the words of Dockerfiles
import { type Case, lines } from "../case.ts";

/** How a file is read: directives, continuations, comments, line ends, heredocs, wrong words. */
export const SYNTAX: readonly Case[] = [
  { name: "syntax: instructions in any letters", dockerfile: lines("from scratch as Stage", "cOpY a /", "env A=1"), files: { a: "x" } },
  {
    name: "syntax: leading white space and blank lines",
    dockerfile: lines("", "   FROM scratch", "", "\tCOPY a /", "  # comment", "   ENV   A=1   B=2  "),
    files: { a: "x" },
  },
  {
    name: "syntax: continuations and comments",
    dockerfile: lines("FROM scratch", "ENV A=1 \\  ", "  # comment \\", "  B=2 \\", "", "  C=3", "LABEL x=\\", "y"),
  },
  { name: "syntax: continuation at the end of the file", dockerfile: "FROM scratch\nENV A=1 \\\n" },
  {
    name: "syntax: escape directive",
    dockerfile: lines("# escape=`", "FROM scratch", "ENV A=1 `", "  B=c:\\dir\\", "WORKDIR /a`b", "COPY a `", "  /"),
    files: { a: "x" },
  },
  { name: "syntax: escape directive too late", dockerfile: lines("# a comment first", "# escape=`", "FROM scratch", "ENV A=1 \\", "  B=2") },
  { name: "syntax: escape directive of an unknown sign", dockerfile: lines("# escape=x", "FROM scratch"), fails: /invalid ESCAPE/i },
  { name: "syntax: escape directive twice", dockerfile: lines("# escape=`", "# escape=`", "FROM scratch"), fails: /only one escape parser directive/ },
  { name: "syntax: check directive", dockerfile: lines("# check=skip=all", "FROM scratch", "COPY a /"), files: { a: "x" } },
  { name: "syntax: CRLF", dockerfile: 'FROM scratch\r\nENV A=1 \\\r\n  B=2\r\nCOPY a /\r\nCMD ["x"]\r\nLABEL l=v\r\n', files: { a: "x" } },
  { name: "syntax: byte order mark", dockerfile: "\uFEFFFROM scratch\nCOPY a /\n", files: { a: "x" } },
  { name: "syntax: no newline at the end", dockerfile: "FROM scratch\nCOPY a /", files: { a: "x" } },
  { name: "syntax: unknown instruction", dockerfile: lines("FROM scratch", "COPPY a /"), files: { a: "x" }, fails: /unknown instruction: COPPY/ },
  { name: "syntax: unknown flag", dockerfile: lines("FROM scratch", "COPY --form=x a /"), files: { a: "x" }, fails: /unknown flag: --form/ },
  { name: "syntax: a flag twice", dockerfile: lines("FROM scratch", "COPY --chown=1 --chown=2 a /"), files: { a: "x" }, fails: /[Dd]uplicate flag/ },
  { name: "syntax: a flag without its value", dockerfile: lines("FROM scratch", "COPY --chown a /"), files: { a: "x" }, fails: /[Mm]issing a value on flag/ },
  { name: "syntax: text in another script", dockerfile: lines("FROM scratch", 'LABEL greeting="grüße, 世界 🚢"', "ENV Ä=ö") },
  { name: "syntax: a comment behind an instruction is none", dockerfile: lines("FROM scratch", "CMD echo # not a comment", "ENV A=b#c") },
  { name: "syntax: very long line", dockerfile: lines("FROM scratch", `LABEL long=${"x".repeat(20_000)}`) },

  { name: "heredoc: one file", dockerfile: lines("FROM scratch", "COPY <<EOF /greeting", "hello", "  there", "EOF") },
  {
    name: "heredoc: expands, and not when quoted",
    dockerfile: lines(
      "FROM scratch",
      "ARG NAME=world",
      "COPY <<EOF /expanded",
      "hello ${NAME} \\$NAME \\\\",
      "EOF",
      "COPY <<'EOF' /plain",
      "hello ${NAME} \\$NAME",
      "EOF",
      'COPY <<"EOF" /plain2',
      "hello ${NAME}",
      "EOF",
    ),
  },
  { name: "heredoc: tabs taken away", dockerfile: lines("FROM scratch", "COPY <<-EOF /tabs", "\tone", "\t\ttwo", "  three", "\tEOF", "ENV A=1") },
  { name: "heredoc: several into a folder", dockerfile: lines("FROM scratch", "COPY <<one <<two.txt /dir/", "first", "one", "second", "two.txt") },
  { name: "heredoc: together with a file", dockerfile: lines("FROM scratch", "COPY a <<b /dir/", "in b", "b"), files: { a: "x" } },
  { name: "heredoc: owner and mode", dockerfile: lines("FROM {busybox}", "COPY --chown=app:staff --chmod=0750 <<run.sh /bin/run.sh", "#!/bin/sh", "run.sh") },
  { name: "heredoc: empty", dockerfile: lines("FROM scratch", "COPY <<EOF /empty", "EOF") },
  { name: "heredoc: by add", dockerfile: lines("FROM scratch", "ADD <<EOF /added", "text", "EOF") },
  { name: "heredoc: never ended", dockerfile: lines("FROM scratch", "COPY <<EOF /x", "text"), fails: /unterminated heredoc/ },
  {
    name: "heredoc: named as a path with a folder",
    dockerfile: lines("FROM scratch", "COPY <<EOF /some/deep/file.conf", "a=1", "EOF", "COPY <<EOF /some/deep/", "b", "EOF"),
  },
];
