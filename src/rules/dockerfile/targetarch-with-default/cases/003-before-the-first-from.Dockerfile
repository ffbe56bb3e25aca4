ARG TARGETARCH=amd64
FROM debian:13
ARG TARGETARCH
ADD https://example.org/tool-linux-${TARGETARCH} /usr/local/bin/tool
