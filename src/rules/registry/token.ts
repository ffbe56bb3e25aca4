import type { Text } from "../../simulate/text.ts";

const TOKENS: ReadonlySet<string> = new Set(["secrets.github_token", "github.token"]);

/** Whether a password is the token that GitHub gives each job. */
export function isJobToken(password: Text | undefined): boolean {
  const [only, ...others] = password?.parts ?? [];
  return only !== undefined && typeof only !== "string" && others.length === 0 && TOKENS.has(only.source.toLowerCase());
}
