ARG BASE=amd64
ARG VERSION=13
FROM ${BASE}/debian:${VERSION}
COPY app.sh /app.sh
