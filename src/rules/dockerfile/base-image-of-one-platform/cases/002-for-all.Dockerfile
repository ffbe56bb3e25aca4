FROM debian:13 AS amd64
COPY app.sh /app.sh
FROM amd64
COPY --from=ghcr.io/someone/arm64-tools:v1 /tool /tool
