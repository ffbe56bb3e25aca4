FROM rust:1.66-slim AS cli
ENV CARGO_NET_GIT_FETCH_WITH_CLI=true
RUN cargo build --release
FROM rust:1.90 AS new
RUN cargo build --release
FROM --platform=$BUILDPLATFORM rust:1.66 AS pinned
RUN cargo build --release
FROM debian:13
COPY --from=cli /a /a
COPY --from=new /b /b
COPY --from=pinned /c /c
