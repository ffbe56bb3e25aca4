FROM golang:1.25 AS build
COPY . .
ARG TARGETARCH
RUN CGO_ENABLED=0 GOOS=linux GOARCH=$TARGETARCH GO111MODULE=on go build -o /manager .
FROM debian:13
COPY --from=build /manager /manager
