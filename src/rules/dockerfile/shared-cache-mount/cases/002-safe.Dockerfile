FROM debian:13 AS a
ARG TARGETPLATFORM
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked apt-get update
RUN --mount=type=cache,target=/root/.cache/go-build go build .
RUN --mount=type=cache,target=/src/target,id=target-$TARGETPLATFORM cargo build --release
RUN --mount=type=cache,target=/root/.npm npm ci
RUN --mount=type=bind,target=/src/target true
FROM a
