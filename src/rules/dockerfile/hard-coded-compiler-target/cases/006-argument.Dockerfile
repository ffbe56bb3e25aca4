FROM golang:1.25 AS build
ARG GOARCH=amd64
RUN go build -o /manager .
FROM debian:13
COPY --from=build /manager /manager
