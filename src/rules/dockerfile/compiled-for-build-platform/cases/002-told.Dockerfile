FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
RUN CGO_ENABLED=0 GOARCH=$TARGETARCH go build -o /app .
FROM golang:1.25 AS native
RUN go build -o /b .
FROM debian:13
COPY --from=build /app /app
COPY --from=native /b /b
