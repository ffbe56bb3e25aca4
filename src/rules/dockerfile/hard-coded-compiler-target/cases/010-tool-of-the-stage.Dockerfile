FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
COPY . .
RUN GOOS=linux GOARCH=amd64 go build -o /usr/local/bin/generate ./generate
RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /manager .
FROM debian:13
COPY --from=build /manager /manager
