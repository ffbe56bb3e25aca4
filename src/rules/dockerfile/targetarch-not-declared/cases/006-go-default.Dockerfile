FROM golang:1.25 AS native
RUN GOARCH=$TARGETARCH go build -o /app .
FROM --platform=$BUILDPLATFORM golang:1.25 AS cross
RUN GOOS=linux GOARCH=${TARGETARCH} go build -o /app .
FROM debian:13
COPY --from=native /app /a
COPY --from=cross /app /b
