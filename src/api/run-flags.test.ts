import { describe, expect, test } from "vitest";
import { isProblem } from "../core/problem.ts";
import { parseAgents, parseEntitlements, parseHosts, parseNetwork, parseSecrets, parseShmSize, parseUlimits, proxyVariables } from "./run-flags.ts";

/** The message of the usage problem; what it gives when there is none. */
function outcome(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    if (isProblem(error, "usage")) return error.message;
    throw error;
  }
}

type Row = readonly [name: string, given: string | readonly string[], wanted: unknown];
function rows(name: string, parse: (texts: readonly string[]) => unknown, table: readonly Row[]): void {
  describe(name, () => {
    test.each(table)("%s", (_, given, wanted) => expect(outcome(() => parse(typeof given === "string" ? [given] : given))).toEqual(wanted));
  });
}

rows("--secret", parseSecrets, [
  ["a file", "id=a,src=/f", [{ id: "a", file: "/f" }]],
  ["a file, in full, in capitals", "ID=a,source=/f,type=file", [{ id: "a", file: "/f" }]],
  ["a variable", "id=a,env=A", [{ id: "a", env: "A" }]],
  ["a variable, by its type", "id=a,type=env,src=A", [{ id: "a", env: "A" }]],
  ["a type beside a variable changes nothing", "id=a,type=env,env=A,src=f", [{ id: "a", file: "f", env: "A" }]],
  ["a name alone", "id=a", [{ id: "a" }]],
  ["a path with a comma", '"id=a","src=/x,y"', [{ id: "a", file: "/x,y" }]],
  ["a path with an equals sign", "id=a,src=/x=y", [{ id: "a", file: "/x=y" }]],
  ["the last of a name counts", ["id=a,src=1", "id=b", "", "id=a,src=2"], [{ id: "a", file: "2" }, { id: "b" }]],
  ["no id", "src=/f", '--secret "src=/f" has no id'],
  ["no value", "id=a,src", '--secret "id=a,src": "src" has no value'],
  ["an unknown field", "id=a,path=/f", '--secret "id=a,path=/f" has the unknown "path"'],
  ["an unknown type", "id=a,type=dir", '--secret "id=a,type=dir" has the unknown type "dir"'],
  ["an open quote", '"id=a', '--secret ""id=a": its quotes do not fit together'],
]);

rows("--ssh", (texts) => Object.fromEntries(parseAgents(texts)), [
  ["the environment's agent", "default", { default: [] }],
  ["without a name", "=/s", { default: ["/s"] }],
  ["without a path", "a=", { a: [] }],
  ["keys", "a=/k1,/k2", { a: ["/k1", "/k2"] }],
  ["several", ["default", "", "b=/s"], { default: [], b: ["/s"] }],
  ["twice", ["default", "=/s"], '--ssh gives the agent "default" twice'],
]);

const host = (name: string, address: string) => ({ name, address });
rows("--add-host", parseHosts, [
  ["IPv4 behind a colon", "MyHost:192.168.0.1", [host("myhost", "192.168.0.1")]],
  ["IPv4 behind an equals sign", "myhost=192.168.0.1", [host("myhost", "192.168.0.1")]],
  ["IPv4 in brackets", "myhost=[192.168.0.1]", [host("myhost", "192.168.0.1")]],
  ["IPv6", "h:2003:ab34:e::1", [host("h", "2003:ab34:e::1")]],
  ["IPv6 in brackets", "h:[2003:AB34:e::1]", [host("h", "2003:ab34:e::1")]],
  ["IPv6 that is short", "h:::1", [host("h", "::1")]],
  ["IPv6 that could be shorter", "h=0:0:0:0:0:0:0:1", [host("h", "::1")]],
  ["IPv6 that stands for IPv4", "h=::ffff:10.1.2.3", [host("h", "10.1.2.3")]],
  ["the machine", "h:host-gateway", [host("h", "127.0.0.1")]],
  ["several", ["a:1.1.1.1,b:2.2.2.2", "a:3.3.3.3"], [host("a", "1.1.1.1"), host("b", "2.2.2.2"), host("a", "3.3.3.3")]],
  ["several addresses", '"a=1.1.1.1,2.2.2.2"', [host("a", "1.1.1.1"), host("a", "2.2.2.2")]],
  ["no separator", "h1.1.1.1", '--add-host "h1.1.1.1" names no host'],
  ["no name", ":1.1.1.1", '--add-host ":1.1.1.1" names no host'],
  ["a name with a line break", "a\nb:1.1.1.1", '--add-host "a\nb:1.1.1.1" names no host'],
  ["no address", "h:", '--add-host "h:": "" is no IP address'],
  ["an octet too large", "h:1.1.1.256", '--add-host "h:1.1.1.256": "1.1.1.256" is no IP address'],
  ["an octet in octal", "h:1.1.1.01", '--add-host "h:1.1.1.01": "1.1.1.01" is no IP address'],
  ["too few octets", "h:1.1", '--add-host "h:1.1": "1.1" is no IP address'],
  ["an open bracket", "h=[::1", '--add-host "h=[::1": "[::1" is no IP address'],
  ["too many colons", "h=::0::", '--add-host "h=::0::": "::0::" is no IP address'],
  ["a zone", "h=fe80::1%eth0", '--add-host "h=fe80::1%eth0": "fe80::1%eth0" is no IP address'],
]);

rows("--shm-size", ([text]) => parseShmSize(text), [
  ["absent", [], undefined],
  ["bytes", "1048576", 1048576],
  ["a unit", "64m", 64 * 2 ** 20],
  ["a unit in full, with a space", "1.5 GiB", 1.5 * 2 ** 30],
  ["none", "0", undefined],
  ["negative", "-1", '--shm-size "-1" is not a size'],
  ["no number", "m", '--shm-size "m" is not a size'],
  ["an unknown unit", "1x", '--shm-size "1x" is not a size'],
  ["too much", "999999999p", '--shm-size "999999999p" is not a size'],
]);

rows("--ulimit", parseUlimits, [
  ["one number", "nofile=1024", [{ name: "nofile", soft: 1024, hard: 1024 }]],
  ["two", "nofile=1024:2048", [{ name: "nofile", soft: 1024, hard: 2048 }]],
  ["none", "core=-1", [{ name: "core", soft: -1, hard: -1 }]],
  ["none as the hard one", "core=0:-1", [{ name: "core", soft: 0, hard: -1 }]],
  [
    "by name, the last counts",
    ["nproc=1", "cpu=2", "nproc=3"],
    [
      { name: "cpu", soft: 2, hard: 2 },
      { name: "nproc", soft: 3, hard: 3 },
    ],
  ],
  ["the largest", "fsize=9223372036854775807", [{ name: "fsize", soft: Number.MAX_SAFE_INTEGER, hard: Number.MAX_SAFE_INTEGER }]],
  ["no number", "nofile=a", '--ulimit "nofile=a": "a" is not a limit'],
  ["nothing", "nofile=", '--ulimit "nofile=": "" is not a limit'],
  ["no name", "=1", '--ulimit "=1" is no limit'],
  ["three", "nofile=1:2:3", '--ulimit "nofile=1:2:3" is no limit'],
  ["an unknown name", "nofiles=1", '--ulimit "nofiles=1": there is no limit "nofiles"'],
  ["soft above hard", "nofile=2:1", '--ulimit "nofile=2:1": the soft limit is above the hard one'],
  ["no soft one below a hard one", "nofile=-1:1", '--ulimit "nofile=-1:1": the soft limit is above the hard one'],
]);

rows("--network", ([text]) => parseNetwork(text), [
  ["absent", [], "default"],
  ["empty", "", "default"],
  ["none", "none", "none"],
  ["host", "host", "host"],
  ["a Docker network", "mynet", "--network mynet is not known"],
]);

rows("--allow", (texts) => [...parseEntitlements(texts)], [
  ["several", ["network.host", "", "security.insecure", "device=gpu"], ["network.host", "security.insecure", "device"]],
  ["unknown", "network.hots", "--allow network.hots is not known"],
]);

describe("proxies among the build arguments", () => {
  const CASES: readonly (readonly [name: string, args: Readonly<Record<string, string>>, variables: readonly string[]])[] = [
    ["are set in both cases", { HTTP_PROXY: "p", A: "b" }, ["HTTP_PROXY=p", "http_proxy=p"]],
    ["in whichever they are given; the small one wins", { http_proxy: "l", HTTP_PROXY: "u" }, ["HTTP_PROXY=l", "http_proxy=l"]],
    [
      "are five",
      { all_proxy: "1", no_proxy: "2", ftp_proxy: "3", https_proxy: "4" },
      ["HTTPS_PROXY=4", "https_proxy=4", "FTP_PROXY=3", "ftp_proxy=3", "NO_PROXY=2", "no_proxy=2", "ALL_PROXY=1", "all_proxy=1"],
    ],
    ["set nothing when empty", { NO_PROXY: "" }, []],
  ];
  test.each(CASES)("%s", (_, args, variables) => expect(proxyVariables(new Map(Object.entries(args)))).toEqual(variables));
});
