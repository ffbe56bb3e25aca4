import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What is compiled: a library, or a program where `program` is set. */
export interface MadeObject {
  readonly program?: boolean;
  readonly soname?: string;
  /** DT_NEEDED, any names. */
  readonly needs?: readonly string[];
  readonly rpath?: string;
  readonly runpath?: string;
  /** Versions that it defines, each with a function of its own. */
  readonly defines?: readonly string[];
  /** `library version`: it calls that version's function. */
  readonly wants?: readonly { readonly library: string; readonly version: string; readonly weak?: boolean }[];
  readonly noDefaults?: boolean;
  readonly loader?: string;
}

/** Real ELF files in a folder that is a root, made by gcc and GNU ld. */
export class MadeRoot {
  readonly root = mkdtempSync(join(tmpdir(), "loader-"));
  readonly #work = mkdtempSync(join(tmpdir(), "loader-work-"));
  #count = 0;

  file(path: string, text: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  link(path: string, target: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(target, join(this.root, path));
  }

  copy(path: string, from: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    copyFileSync(from, join(this.root, path));
  }

  make(path: string, object: MadeObject): void {
    const to = join(this.root, path);
    mkdirSync(dirname(to), { recursive: true });
    this.#compile(to, object);
  }

  #compile(to: string, object: MadeObject): void {
    const source = join(this.#work, `${this.#count++}.c`);
    const wants = object.wants ?? [];
    const calls = wants.map(({ version, weak }) => `${weak === true ? "__attribute__((weak)) " : ""}extern void ${functionOf(version)}(void);`);
    const code = [
      ...calls,
      ...(object.defines ?? []).map((version) => `void ${functionOf(version)}(void) {}`),
      `void *${object.program === true ? "_start" : "own"}(void) { ${wants.map(({ version }) => `if (&${functionOf(version)}) ${functionOf(version)}();`).join(" ")} return 0; }`,
    ];
    writeFileSync(source, code.join("\n"));
    const options = [
      ...(object.program === true ? ["-pie", "-fPIE", `-Wl,--dynamic-linker=${object.loader ?? "/lib64/ld-linux-x86-64.so.2"}`] : ["-shared", "-fPIC"]),
      ...(object.soname === undefined ? [] : [`-Wl,-soname,${object.soname}`]),
      ...(object.rpath === undefined ? [] : ["-Wl,--disable-new-dtags", `-Wl,-rpath,${object.rpath}`]),
      ...(object.runpath === undefined ? [] : ["-Wl,--enable-new-dtags", `-Wl,-rpath,${object.runpath}`]),
      ...(object.noDefaults === true ? ["-Wl,-z,nodefaultlib"] : []),
      ...(object.defines === undefined ? [] : [`-Wl,--version-script,${this.#versions(object.defines)}`]),
    ];
    const stubs = (object.needs ?? []).map((name) =>
      this.#stub(
        name,
        wants.filter(({ library }) => library === name).map(({ version }) => version),
      ),
    );
    execFileSync("gcc", ["-w", "-nostdlib", ...options, "-Wl,--no-as-needed", "-o", to, source, ...stubs], { stdio: "pipe" });
  }

  /** A library of that name, to link with. */
  #stub(name: string, defines: readonly string[]): string {
    const to = join(this.#work, `stub-${this.#count++}.so`);
    this.#compile(to, { soname: name, ...(defines.length === 0 ? {} : { defines }) });
    return to;
  }

  #versions(names: readonly string[]): string {
    const script = join(this.#work, `${this.#count++}.map`);
    writeFileSync(script, names.map((name) => `${name} { global: ${functionOf(name)}; };`).join("\n"));
    return script;
  }

  /** The root as an archive. */
  tar(): string {
    const to = `${this.root}.tar`;
    execFileSync("tar", ["-C", this.root, "--sort=name", "-cf", to, "."]);
    return to;
  }

  remove(): void {
    for (const path of [this.root, this.#work, `${this.root}.tar`]) if (existsSync(path)) rmSync(path, { recursive: true, force: true });
  }
}

const functionOf = (version: string): string => `of_${version.replace(/\W/g, "_")}`;
