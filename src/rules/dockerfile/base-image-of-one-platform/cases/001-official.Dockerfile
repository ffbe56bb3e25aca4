FROM arm64v8/debian:13
COPY app.sh /app.sh
