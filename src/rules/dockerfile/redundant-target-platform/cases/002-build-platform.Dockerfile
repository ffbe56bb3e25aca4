FROM --platform=$BUILDPLATFORM golang:1.25 AS build
RUN go vet
FROM debian:13
COPY --from=build /app /app
