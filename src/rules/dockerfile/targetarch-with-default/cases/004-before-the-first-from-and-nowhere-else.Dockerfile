ARG TARGETARCH=amd64
FROM debian:13
RUN echo hello
