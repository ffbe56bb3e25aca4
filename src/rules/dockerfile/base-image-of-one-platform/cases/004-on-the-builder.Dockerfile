FROM --platform=$BUILDPLATFORM amd64/golang:1.25 AS build
RUN go vet
FROM ghcr.io/x64-people/thing:arm64ish
COPY --from=build /a /a
