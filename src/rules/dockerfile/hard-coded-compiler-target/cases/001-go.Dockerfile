FROM golang:1.25 AS build
COPY . .
RUN CGO_ENABLED=0 GOOS=linux GOARCH=amd64 GO111MODULE=on go build -o /manager .
FROM debian:13
COPY --from=build /manager /manager
