FROM debian:13
ARG ARCH=amd64
RUN curl -LO https://example.org/a-${ARCH}.deb && curl -LO https://example.org/b-${ARCH}.deb
RUN MACHINE=x86_64 && curl -LO https://example.org/c-$MACHINE.tar.gz
