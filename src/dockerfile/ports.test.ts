import { expect, test } from "vitest";
import { exposedPorts } from "./ports.ts";

test.each([
  [["80"], ["80/tcp"]],
  [
    ["443/TCP", "53/udp", "9/sctp", "7/"],
    ["443/tcp", "53/udp", "9/sctp", "7/tcp"],
  ],
  [["8000-8002/udp"], ["8000/udp", "8001/udp", "8002/udp"]],
  [
    ["8080:80", "127.0.0.1:1-2:3-4", "[::1]:5:6", "::1:7:8"],
    ["80/tcp", "3/tcp", "4/tcp", "6/tcp", "8/tcp"],
  ],
  [
    ["80", "80"],
    ["80/tcp", "80/tcp"],
  ],
  [["1-5:9"], ["9/tcp"]],
  [["65535-65535"], ["65535/tcp"]],
])("%j gives %j", (words, ports) => expect(exposedPorts(words)).toEqual(ports));

test.each(["", "/tcp", "http", "80/http", "65536", "-1", "2-1", "1-2-3", "1-2:3-5", "x:80", "1.2.3:1:2", "01.2.3.4:1:2"])("%j is refused", (word) => {
  expect(() => exposedPorts([word])).toThrow(expect.objectContaining({ code: "dockerfile-semantics" }));
});

test("more ports than there are is refused", () => {
  expect(() => exposedPorts(["0-65535", "0-65535/udp", "0-65535/sctp", "1"])).toThrow(expect.objectContaining({ code: "limit-exceeded" }));
});
