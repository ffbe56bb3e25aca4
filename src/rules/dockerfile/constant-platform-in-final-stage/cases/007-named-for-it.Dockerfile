FROM --platform=linux/amd64 debian:13 AS app-amd64
COPY app.sh /app.sh
