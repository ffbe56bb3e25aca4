ARG TARGETPLATFORM=linux/amd64
FROM --platform=$TARGETPLATFORM debian:13
COPY app.sh /app.sh
