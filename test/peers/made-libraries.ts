import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** Makes real ELF files by gcc and GNU ld, each but once. */
export class Compiler {
  readonly #folder = mkdtempSync(join(tmpdir(), "loader-made-"));
  readonly #made = new Map<string, string>();
  #count = 0;

  /** @returns a path that is not to be written to */
  make(object: MadeObject): string {
    const key = JSON.stringify(object);
    const path = this.#made.get(key) ?? this.#compile(object);
    this.#made.set(key, path);
    return path;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #compile(object: MadeObject): string {
    const to = this.#place("elf");
    const source = this.#place("c");
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
    return to;
  }

  /** A library of that name, to link with. */
  #stub(name: string, defines: readonly string[]): string {
    return this.make({ soname: name, ...(defines.length === 0 ? {} : { defines }) });
  }

  #versions(names: readonly string[]): string {
    const script = this.#place("map");
    writeFileSync(script, names.map((name) => `${name} { global: ${functionOf(name)}; };`).join("\n"));
    return script;
  }

  #place(ending: string): string {
    return join(this.#folder, `${this.#count++}.${ending}`);
  }
}

/** A folder that is a root. */
export class MadeRoot {
  readonly root = mkdtempSync(join(tmpdir(), "loader-"));
  readonly #compiler: Compiler;

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
  }

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
    this.copy(path, this.#compiler.make(object));
  }

  /** The root as an archive. */
  tar(): string {
    const to = `${this.root}.tar`;
    execFileSync("tar", ["-C", this.root, "--sort=name", "-cf", to, "."]);
    return to;
  }

  remove(): void {
    for (const path of [this.root, `${this.root}.tar`]) rmSync(path, { recursive: true, force: true });
  }
}

const functionOf = (version: string): string => `of_${version.replace(/\W/g, "_")}`;
