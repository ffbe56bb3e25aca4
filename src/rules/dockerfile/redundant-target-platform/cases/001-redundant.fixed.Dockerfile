FROM debian:13 AS app
COPY app.sh /app.sh
