import { remembered } from "../../../core/remembered.ts";
import type { Dockerfile, RunInstruction, Stage } from "../../../dockerfile/ast.ts";
import { commandsNamed, runScript } from "../run-script.ts";

/** A compile step whose tool can make programs for another platform than its own, or ones that run on any. */
export interface Compile {
  readonly instruction: RunInstruction;
  readonly tool: "go" | "dotnet" | "java" | "javascript";
  /** As people call it. */
  readonly name: string;
  /** It needs compiled C: a cross compiler is wanted then. */
  readonly withC: boolean;
}

const TOOLS: readonly [command: RegExp, tool: Compile["tool"], name: string][] = [
  [commandsNamed(String.raw`go\s+(?:build|install)\s`), "go", "go build"],
  [commandsNamed(String.raw`dotnet\s+(?:publish|build)\b`), "dotnet", "dotnet"],
  [commandsNamed(String.raw`(?:mvnw?|gradlew?|javac|sbt)\s(?![^\n]*(?:-Pnative|nativeCompile|native-image))`), "java", "the Java build"],
  [
    commandsNamed(String.raw`(?:(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?build|vite\s+build|webpack|ng\s+build|(?:npx\s+)?tsc)\b`),
    "javascript",
    "the JavaScript build",
  ],
];

/** The first such step of a stage. */
export const compileOf: (dockerfile: Dockerfile, stage: Stage) => Compile | undefined = remembered(read, (_, stage) => stage);

function read(dockerfile: Dockerfile, stage: Stage): Compile | undefined {
  const texts = stage.instructions.map((one) => (one.kind === "run" ? runScript(dockerfile, one).text : one.original)).join("\n");
  for (const instruction of stage.instructions) {
    if (instruction.kind !== "run") continue;
    const { text } = runScript(dockerfile, instruction);
    const found = TOOLS.find(([command]) => command.test(text));
    if (found === undefined) continue;
    const [, tool, name] = found;
    const withC =
      tool === "go" &&
      !/\bCGO_ENABLED[= ]["']?0/.test(texts) &&
      (/\bCGO_ENABLED[= ]["']?1/.test(texts) || /\b(?:gcc|g\+\+|musl-dev|build-base|build-essential)\b/.test(texts));
    return { instruction, tool, name, withC };
  }
  return undefined;
}
