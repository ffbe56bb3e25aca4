import { describe, expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const PROXY = "http://proxy.test:3128/";
const env = { HTTPS_PROXY: PROXY, HTTP_PROXY: "http://plain.test/" };
const proxied = (address: string, more: Record<string, string> = {}) => proxyFor(new URL(address), { ...env, ...more })?.href;

describe("the proxy for an address", () => {
  const cases: Record<string, [string | undefined, string | undefined]> = {
    "https by HTTPS_PROXY": [proxied("https://a.test/"), PROXY],
    "http by HTTP_PROXY": [proxied("http://a.test/"), "http://plain.test/"],
    "lower case wins": [proxied("https://a.test/", { https_proxy: "http://low.test" }), "http://low.test/"],
    "without a scheme": [proxied("https://a.test/", { HTTPS_PROXY: "proxy.test:3128" }), PROXY],
    "empty is none": [proxied("https://a.test/", { HTTPS_PROXY: "" }), undefined],
    "loopback goes directly": [proxied("https://127.0.0.1:5000/"), undefined],
    "localhost goes directly": [proxied("http://localhost:5000/"), undefined],
    "IPv6 loopback goes directly": [proxied("http://[::1]:5000/"), undefined],
    "NO_PROXY by name": [proxied("https://a.test/", { NO_PROXY: "b.test, A.test" }), undefined],
    "NO_PROXY below a name": [proxied("https://x.a.test/", { no_proxy: "a.test" }), undefined],
    "NO_PROXY not beside a name": [proxied("https://xa.test/", { no_proxy: "a.test" }), PROXY],
    "NO_PROXY with a dot is only below": [proxied("https://a.test/", { no_proxy: ".a.test" }), PROXY],
    "NO_PROXY with a dot, below": [proxied("https://x.a.test/", { no_proxy: ".a.test" }), undefined],
    "NO_PROXY with a star and a dot": [proxied("https://x.a.test/", { no_proxy: "*.a.test" }), undefined],
    "NO_PROXY with its port": [proxied("https://a.test:8443/", { no_proxy: "a.test:8443" }), undefined],
    "NO_PROXY with another port": [proxied("https://a.test/", { no_proxy: "a.test:8443" }), PROXY],
    "NO_PROXY with the usual port": [proxied("https://a.test/", { no_proxy: "a.test:443" }), undefined],
    "NO_PROXY of an address": [proxied("https://10.1.2.3/", { no_proxy: "10.1.2.3" }), undefined],
    "NO_PROXY of a network": [proxied("https://10.1.2.3/", { no_proxy: "10.0.0.0/8" }), undefined],
    "NO_PROXY of another network": [proxied("https://11.1.2.3/", { no_proxy: "10.0.0.0/8" }), PROXY],
    "NO_PROXY of an IPv6 network": [proxied("https://[fd00::5]/", { no_proxy: "fd00::/8" }), undefined],
    "NO_PROXY of an IPv6 address": [proxied("https://[fd00::5]/", { no_proxy: "fd00::5" }), undefined],
    "NO_PROXY of a broken network": [proxied("https://10.1.2.3/", { no_proxy: "10.0.0.0/99" }), PROXY],
    "NO_PROXY of everything": [proxied("https://a.test/", { no_proxy: "*" }), undefined],
  };
  test.each(Object.entries(cases))("%s", (_, [got, wanted]) => expect(got).toBe(wanted));

  test.each(["http://user:secret@[", "socks5://user:secret@a.test"])("%s is refused, and not repeated", (address) => {
    expect(() => proxied("https://a.test/", { HTTPS_PROXY: address })).toThrow(/^HTTPS_PROXY (?!.*secret)/);
  });
});
