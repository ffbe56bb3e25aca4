FROM debian:13
ARG VERSION=1 TARGETARCH
ADD https://example.org/tool-$VERSION-linux-${TARGETARCH} /usr/local/bin/tool
