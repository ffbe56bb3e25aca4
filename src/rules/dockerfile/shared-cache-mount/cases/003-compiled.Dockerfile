FROM rust:1.90 AS build
WORKDIR /src
RUN --mount=type=cache,target=/src/target cargo build --release && cp target/release/app /app
FROM node:22 AS web
RUN --mount=type=cache,id=nm,target=/app/node_modules npm ci
FROM debian:13
COPY --from=build /app /app
COPY --from=web /dist /dist
