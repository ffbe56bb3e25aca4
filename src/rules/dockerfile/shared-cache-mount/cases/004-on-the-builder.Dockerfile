FROM --platform=$BUILDPLATFORM debian:13 AS build
RUN --mount=type=cache,target=/var/cache/apt apt-get update
FROM debian:13
COPY --from=build /a /a
