FROM --platform=$BUILDPLATFORM golang:1.25 AS build
RUN go build -o /a .
FROM golang:1.25 AS other
RUN CGO_ENABLED=0 go build -o /b .
FROM debian:13
RUN apt-get update && apt-get install -y make
COPY --from=build /a /a
COPY --from=other /b /b
