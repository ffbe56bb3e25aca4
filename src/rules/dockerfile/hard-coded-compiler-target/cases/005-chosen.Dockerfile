FROM golang:1.25 AS build
RUN GOARCH=amd64 go build -o /out/app-amd64 .
RUN GOARCH=arm64 go build -o /out/app-arm64 .
FROM rust:1.90 AS rust
ARG TARGETARCH
RUN case "$TARGETARCH" in \
      amd64) cargo build --target x86_64-unknown-linux-musl ;; \
    esac
FROM debian:13
ARG TARGETARCH
COPY --from=build /out/app-${TARGETARCH} /app
COPY --from=rust /b /b
