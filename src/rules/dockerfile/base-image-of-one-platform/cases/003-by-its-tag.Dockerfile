FROM ghcr.io/someone/base:v1-amd64 AS base
RUN true
FROM ghcr.io/someone/tool-arm64:v3
COPY --from=base /a /a
