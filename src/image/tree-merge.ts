import { ProblemError } from "../core/problem.ts";
import type { LayerEntry } from "./entry.ts";
import { shown } from "./tar/path.ts";
import { impliedFolder, type Layer, makeNode, type Node, ownFolder } from "./tree-node.ts";
import { circle, resolveIn, SYMLINK_LIMIT } from "./tree-resolve.ts";
import { readWhiteout } from "./whiteout.ts";

/** Folders of one layer that no entry tells of: a few names of 4 KiB may ask for thousands each. Layers without any folder entries have some thousand. */
const IMPLIED_LIMIT = 500_000;
/** Characters of paths walked through because of symlinks, all entries of a layer together: a short name may lead through 255 long ones. */
const FOLLOWED_LIMIT = 256 * 1024 * 1024;

/** One layer on its way into a tree. */
export class Merge<S> {
  readonly root: Node<S>;
  readonly #layer: Layer;
  readonly #source: S;
  /** The folder of the entry before: most entries lie beside it. */
  #lastFolder = "";
  #lastNode: Node<S>;
  /** Hard links that this layer made, by the children they lie among: their nodes may be a lower layer's. */
  readonly #links = new Map<Node<S>["children"], Set<string>>();
  #implied = 0;
  #followed = 0;

  constructor(root: Node<S>, layer: Layer, source: S) {
    this.root = root;
    this.#layer = layer;
    this.#source = source;
    this.#lastNode = root;
  }

  add(entry: LayerEntry & { readonly offset?: number }): void {
    const slash = entry.path.lastIndexOf("/");
    const folder = slash === -1 ? "" : entry.path.slice(0, slash);
    const name = entry.path.slice(slash + 1);
    const whiteout = readWhiteout(folder, name);
    if (whiteout === "skip") return;
    if (entry.path === "") {
      this.#describeRoot(entry);
      return;
    }
    const parent = this.#folder(folder);
    if (whiteout === undefined) this.#put(parent, name, entry);
    else if (whiteout.hides === "siblings") this.#keepOwn(parent);
    else this.#hide(parent, whiteout.name);
  }

  #put(parent: Node<S>, name: string, entry: LayerEntry & { readonly offset?: number }): void {
    const there = parent.children?.get(name);
    let node: Node<S>;
    if (entry.type === "hardlink") {
      node = this.#target(entry);
      const links = this.#links.get(parent.children);
      if (links === undefined) this.#links.set(parent.children, new Set([name]));
      else links.add(name);
    } else {
      let children: Map<string, Node<S>> | undefined;
      if (entry.type === "directory")
        children = there?.children === undefined ? new Map() : there.layer === this.#layer ? there.children : new Map(there.children);
      node = makeNode(entry, entry.type, this.#layer, this.#source, children);
    }
    if (there?.type === "directory") this.#forgetLast();
    set(parent, name, node);
  }

  #describeRoot(entry: LayerEntry): void {
    if (entry.type !== "directory") throw new ProblemError("layer-invalid", { message: `a layer tells that the root is a ${entry.type}` });
    Object.assign(this.root, makeNode(entry, "directory", this.#layer, this.#source, this.root.children));
  }

  #target(entry: LayerEntry): Node<S> {
    const wanted = entry.link ?? "";
    // The folders on the way may be symlinks, the target itself is linked as it is (link(2)).
    const { path, node } = resolveIn(this.root, wanted, false, (characters) => this.#countFollowed(characters));
    if (node === undefined || node.type === "directory") {
      throw new ProblemError("layer-invalid", {
        message: `the hard link ${shown(entry.path)} leads to ${shown(wanted)}, which ${node === undefined ? "does not exist" : "is a folder"}${path === wanted ? "" : ` (at ${shown(path)})`}`,
        facts: { path: entry.path, target: wanted },
      });
    }
    return node;
  }

  /** Hides what lower layers have under a name; what this layer put there stays. */
  #hide(parent: Node<S>, name: string): void {
    const there = parent.children?.get(name);
    if (there === undefined) return;
    this.#forgetLast();
    if (this.#isOwn(parent, name, there)) this.#keepOwn(there);
    else remove(parent, name);
  }

  /** Removes everything from a folder that came from lower layers. */
  #keepOwn(folder: Node<S>): void {
    this.#forgetLast();
    const pending = [folder];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const [name, child] of next.children ?? []) {
        if (!this.#isOwn(next, name, child)) remove(next, name);
        else if (child.children !== undefined) pending.push(child);
      }
    }
  }

  #countFollowed(characters: number): void {
    this.#followed += characters;
    if (this.#followed <= FOLLOWED_LIMIT) return;
    throw new ProblemError("limit-exceeded", {
      message: `the paths of a layer lead through symbolic links of more than ${FOLLOWED_LIMIT} characters together`,
      facts: { limit: FOLLOWED_LIMIT },
    });
  }

  #isOwn(folder: Node<S>, name: string, child: Node<S>): boolean {
    return child.layer === this.#layer || this.#links.get(folder.children)?.has(name) === true;
  }

  #forgetLast(): void {
    this.#lastFolder = "";
    this.#lastNode = this.root;
  }

  /** The folder at `path`, ours to change, made where it is not. */
  #folder(path: string): Node<S> {
    if (path === this.#lastFolder) return this.#lastNode;
    const node = this.#makeFolder(path, 0);
    this.#lastFolder = path;
    this.#lastNode = node;
    return node;
  }

  #makeFolder(path: string, followed: number): Node<S> {
    let at = this.root;
    let done = "";
    for (const name of path === "" ? [] : path.split("/")) {
      let child = at.children?.get(name);
      const isOwn = child !== undefined && this.#isOwn(at, name, child);
      if (child?.type === "symlink" && isOwn) {
        // Within one layer an unpacker meets its own symlink and goes through it, inside the root; one of a lower layer is not there when a layer is unpacked.
        if (followed >= SYMLINK_LIMIT) throw circle(path);
        this.#countFollowed(path.length + (child.link?.length ?? 0));
        const rest = path.slice(done === "" ? name.length : done.length + 1 + name.length);
        return this.#makeFolder(cleanInside(`${child.link?.startsWith("/") ? "" : done}/${child.link}${rest}`), followed + 1);
      }
      if (child !== undefined && child.children === undefined && isOwn) {
        throw new ProblemError("layer-invalid", { message: `a layer has entries below ${shown(path)}, where it has a ${child.type} itself` });
      }
      if (child?.children === undefined) {
        if (++this.#implied > IMPLIED_LIMIT) {
          throw new ProblemError("limit-exceeded", {
            message: `a layer has entries in more than ${IMPLIED_LIMIT} folders that it does not tell of`,
            facts: { limit: IMPLIED_LIMIT },
          });
        }
        child = impliedFolder(this.#layer, done === "" ? name : `${done}/${name}`);
        set(at, name, child);
      } else if (child.layer !== this.#layer) {
        child = ownFolder(child, this.#layer);
        set(at, name, child);
      }
      at = child;
      done = done === "" ? name : `${done}/${name}`;
    }
    return at;
  }
}

function set<S>(folder: Node<S>, name: string, child: Node<S>): void {
  folder.children?.set(name, child);
  folder.names = undefined;
}

function remove<S>(folder: Node<S>, name: string): void {
  folder.children?.delete(name);
  folder.names = undefined;
}

/** `.` and `..` taken out; what would leave the root stays in it. */
function cleanInside(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
