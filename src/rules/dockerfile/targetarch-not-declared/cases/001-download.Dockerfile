FROM debian:13
RUN apt-get update \
    && curl -fsSLo /usr/local/bin/tool https://example.org/tool-linux-${TARGETARCH} \
    && curl -fsSLo /usr/local/bin/other https://example.org/other-linux-${TARGETARCH}
