import { spawn } from "node:child_process";
import { ownChildren } from "./own-children.ts";

/** Removes files and folders of the area, whoever of the namespace they belong to. Another process does it: the warden has programs to attend to. */
export function removeTrees(...paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    let said = "";
    const child = spawn("rm", ["-rf", "--", ...paths], { stdio: ["ignore", "ignore", "pipe"] });
    const { pid } = child;
    if (pid !== undefined) ownChildren.add(pid);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(0, 1000);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (pid !== undefined) ownChildren.delete(pid);
      if (code === 0) resolve();
      else reject(new Error(`rm: ${said.trim()}`));
    });
  });
}
