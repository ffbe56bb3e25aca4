FROM debian:13
ARG TARGETOS=linux
ARG TARGETVARIANT=
ADD https://example.org/tool-${TARGETOS}${TARGETVARIANT} /usr/local/bin/tool
