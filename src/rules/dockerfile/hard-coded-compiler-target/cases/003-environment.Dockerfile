FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ENV CGO_ENABLED=1 GOARCH="arm64"
RUN make build
FROM debian:13
COPY --from=build /manager /manager
