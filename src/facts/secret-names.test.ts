import { describe, expect, test } from "vitest";
import { secretKind } from "./secret-names.ts";

describe("names of secrets", () => {
  const sure = [
    "root/.ssh/id_rsa",
    "id_ed25519",
    "home/me/.aws/credentials",
    "root/.docker/config.json",
    "run/containers/0/containers/auth.json",
    "root/.config/gh/hosts.yml",
    "root/.config/git/credentials",
    "app/.netrc",
    "etc/ssh/ssh_host_rsa_key",
    "etc/kubernetes/admin.conf",
  ];
  test.for(sure)("%s nearly always is one", (path) => expect(secretKind(path)?.sure).toBe(true));

  const perhaps = [
    "app/.env",
    "app/.npmrc",
    "home/me/key.pem",
    "usr/src/app/certs/server.key",
    "etc/nginx/site.pem",
    "srv/service-account.json",
    "var/www/.htpasswd",
    "root/.m2/settings.xml",
    "app/keystore.jks",
  ];
  test.for(perhaps)("%s may be one", (path) => expect(secretKind(path)?.sure).toBe(false));

  const none = [
    "root/.ssh/id_rsa.pub",
    "root/.ssh/known_hosts",
    "etc/ssl/certs/a.pem",
    "etc/ssl/private/ssl-cert-snakeoil.key",
    "usr/share/ca-certificates/a.pem",
    "usr/lib/ssl/cert.pem",
    "usr/lib/python3/dist-packages/certifi/cacert.pem",
    "app/node_modules/x/test/id_rsa",
    "usr/local/lib/node_modules/npm/.npmrc",
    "app/certs/ca.pem",
    "app/certs/fullchain.pem",
    "app/certs/root-ca.pem",
    "opt/java/lib/security/a.jks",
    "etc/docker/config.json",
    "aws/credentials.md",
    "app/config.json",
    "app/monkey.pem.txt",
    "app/.envrc",
    "",
  ];
  test.for(none)("%s is none", (path) => expect(secretKind(path)).toBe(undefined));
});
