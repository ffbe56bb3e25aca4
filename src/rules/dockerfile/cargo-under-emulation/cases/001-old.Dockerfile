FROM rust:1.66-slim AS build
RUN cargo build --release
FROM debian:13
COPY --from=build /a /a
