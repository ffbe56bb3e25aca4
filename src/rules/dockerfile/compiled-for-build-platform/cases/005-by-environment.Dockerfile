FROM --platform=$BUILDPLATFORM golang:1.25 AS build
ARG TARGETARCH
ENV GOARCH=$TARGETARCH
RUN CGO_ENABLED=0 go build -o /app .
FROM debian:13
COPY --from=build /app /app
