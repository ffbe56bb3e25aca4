FROM debian:13
ARG TARGETARCH
ADD https://example.org/v1/tool-linux-${TARGETARCH}.tar.gz /usr/local/
RUN case $(uname -m) in x86_64) a=amd64 ;; *) a=arm64 ;; esac && curl -fLO https://example.org/tool-$a
RUN curl -fLO https://example.org/amd64-people/tool.tar.gz
RUN curl -fLO https://x64.example.org/tool.tar.gz
