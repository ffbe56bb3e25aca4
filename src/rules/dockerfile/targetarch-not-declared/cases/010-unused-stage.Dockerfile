FROM debian:13 AS unused
COPY manager-${TARGETARCH} /manager
FROM debian:13
RUN true
