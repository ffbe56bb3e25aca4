FROM rust:1.90 AS build
RUN cargo build --release
FROM debian:13
COPY --from=build /a /a
