ARG TARGETARCH=amd64
FROM debian:13
COPY manager-${TARGETARCH} /manager
