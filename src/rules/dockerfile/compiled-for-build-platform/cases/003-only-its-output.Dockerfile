FROM --platform=$BUILDPLATFORM golang:1.25 AS build
RUN go build -o /generate . && /generate /etc/app/config.yml
FROM debian:13
COPY --from=build /etc/app/config.yml /etc/app/
