FROM debian:13
COPY app.sh /app.sh
