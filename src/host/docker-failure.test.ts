import { expect, test } from "vitest";
import { daemonFailure } from "./docker-failure.ts";

// As Docker 28.5.2 said them in such worlds, 2026-11-22, unless a release is named.
const cases: readonly (readonly [name: string, said: string, state: string, why: string, help: string])[] = [
  [
    "no socket",
    "Cannot connect to the Docker daemon at unix:///nonexistent.sock. Is the docker daemon running?",
    "absent",
    "no Docker daemon answers at unix:///nonexistent.sock",
    "start it",
  ],
  [
    "29.0: no socket",
    "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory",
    "absent",
    "no Docker daemon answers at unix:///var/run/docker.sock",
    "start it",
  ],
  [
    "no right",
    'permission denied while trying to connect to the Docker daemon socket at unix:///run/p.sock: Get "http://%2Frun%2Fp.sock/v1.51/info": dial unix /run/p.sock: connect: permission denied',
    "refused",
    "you may not use the Docker daemon at unix:///run/p.sock",
    "join the group docker",
  ],
  [
    "29.0: no right",
    "permission denied while trying to connect to the docker API at unix:///var/run/docker.sock",
    "refused",
    "you may not use the Docker daemon at unix:///var/run/docker.sock",
    "join the group docker",
  ],
  [
    "20.10: no right",
    'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial unix /var/run/docker.sock: connect: permission denied',
    "refused",
    "you may not use the Docker daemon at unix:///var/run/docker.sock",
    "join the group docker",
  ],
  [
    "a context that is not there",
    'Failed to initialize: unable to resolve docker endpoint: context "nowhere": context not found: open /cfg/contexts/meta/20ae/meta.json: no such file or directory',
    "absent",
    'there is no Docker context "nowhere"',
    "docker context use default",
  ],
  [
    "20.10: a context that is not there",
    'Current context "gone" is not found on the file system, please check your config file at /root/.docker/config.json',
    "absent",
    'there is no Docker context "gone"',
    "docker context use default",
  ],
  [
    "a host without address",
    'error during connect: Get "http://no-such.invalid:2375/v1.51/version": dial tcp: lookup no-such.invalid on 10.255.255.53:53: no such host',
    "absent",
    'the host "no-such.invalid" of the Docker context or DOCKER_HOST has no address',
    "docker context use",
  ],
  [
    "ssh that is refused",
    'error during connect: Get "http://docker.example.com/v1.51/info": command [ssh -l me -T -- box docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=me@box: Permission denied (publickey).',
    "refused",
    "the host of the Docker context refuses the log-in by ssh",
    "make `ssh` to that host work",
  ],
  [
    "a network without answer",
    'error during connect: Get "http://10.0.0.9:2375/v1.51/info": dial tcp 10.0.0.9:2375: i/o timeout',
    "silent",
    'the Docker daemon does not answer: error during connect: Get "http://10.0.0.9:2375/v1.51/info": dial tcp 10.0.0.9:2375: i/o timeout',
    "see whether it runs",
  ],
  [
    "versions too far apart",
    "Error response from daemon: client version 1.22 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    "broken",
    "the docker command line and the daemon do not understand each other: Error response from daemon: client version 1.22 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    "neighbouring versions",
  ],
  [
    "a warning before it",
    "WARNING: Error parsing config file (/x/config.json): unexpected EOF\nout of cheese",
    "broken",
    "it failed: out of cheese",
    "`docker info`",
  ],
  ["nothing at all", "", "broken", "it failed without a word", "`docker info`"],
  ["a password in an address", "cannot use tcp://me:hunter2@box:2375", "broken", "it failed: cannot use tcp://me:…@box:2375", "`docker info`"],
];

test.each(cases)("%s", (_name, said, state, why, help) => {
  const failure = daemonFailure(said, "docker info");
  expect(failure).toMatchObject({ known: false, state, why, source: "docker info" });
  expect(failure.help).toContain(help);
});
