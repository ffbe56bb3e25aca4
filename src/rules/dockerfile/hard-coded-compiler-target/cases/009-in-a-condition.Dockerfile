FROM golang:1.25 AS build
ARG DEBUG
RUN if [ -n "$DEBUG" ]; then GOARCH=amd64 go build -o /manager . ; else go build -o /manager . ; fi
# RUN GOARCH=amd64 go build -o /manager .
RUN echo GOARCH is not set
FROM debian:13
COPY --from=build /manager /manager
