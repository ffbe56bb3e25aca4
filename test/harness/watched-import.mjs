// Imports what is named, in a process of its own, and prints what that did besides loading modules: files, sockets, children, variables of the environment.
import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const seen = [];
const isModule = (path) => /\.(?:[cm]?js|json|node|wasm)$/.test(String(path));
const watch = (owner, name, label) => {
  const original = owner[name];
  owner[name] = function (...args) {
    if (!(label === "file" && isModule(args[0]))) seen.push(`${label}: ${name} ${typeof args[0] === "string" ? args[0] : ""}`.trimEnd());
    return original.apply(this, args);
  };
};
for (const name of ["openSync", "readFileSync", "readdirSync", "statSync", "lstatSync", "existsSync", "mkdirSync", "writeFileSync", "open", "readFile", "stat"])
  watch(fs, name, "file");
for (const name of ["open", "readFile", "writeFile", "readdir", "stat", "mkdir"]) watch(fs.promises, name, "file");
for (const name of ["spawn", "spawnSync", "exec", "execFile", "execFileSync", "execSync", "fork"]) watch(childProcess, name, "child");
watch(net.Socket.prototype, "connect", "socket");
watch(net.Server.prototype, "listen", "socket");
const real = process.env;
process.env = new Proxy(real, {
  get(target, key) {
    if (typeof key === "string") seen.push(`environment: ${key}`);
    return target[key];
  },
  has(target, key) {
    seen.push(`environment: ${String(key)}`);
    return key in target;
  },
  ownKeys(target) {
    seen.push("environment: all");
    return Reflect.ownKeys(target);
  },
});
syncBuiltinESMExports();
await import(process.argv[2]);
process.stdout.write(`${JSON.stringify(seen)}\n`);
