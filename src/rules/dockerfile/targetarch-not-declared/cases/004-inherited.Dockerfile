FROM debian:13 AS base
ARG TARGETARCH
FROM base
COPY manager-${TARGETARCH} /manager
