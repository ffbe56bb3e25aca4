ARG PLATFORM=linux/amd64
FROM --platform=$PLATFORM debian:13
COPY app.sh /app.sh
