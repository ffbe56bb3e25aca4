FROM debian:13
ADD https://example.org/v1/tool-linux-amd64.tar.gz /usr/local/
