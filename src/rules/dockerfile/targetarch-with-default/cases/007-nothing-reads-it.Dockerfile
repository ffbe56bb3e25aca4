FROM debian:13
RUN echo hello
ARG TARGETARCH=amd64
