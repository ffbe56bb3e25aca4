FROM --platform=${TARGETPLATFORM:-linux/amd64} debian:13
COPY app.sh /app.sh
