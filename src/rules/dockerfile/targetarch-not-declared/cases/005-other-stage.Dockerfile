FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
RUN GOARCH=$TARGETARCH go build -o /app .
FROM debian:13
COPY --from=build /app /app-$TARGETARCH
