ARG TARGETARCH
FROM debian:13
COPY manager-${TARGETARCH} /manager
