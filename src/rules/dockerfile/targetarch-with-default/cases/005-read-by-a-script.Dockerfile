FROM debian:13
ARG TARGETARCH=amd64
COPY install.sh /
RUN /install.sh
