FROM debian:13
RUN curl -o /tool https://example.org/tool-${TARGETARCH:-amd64}
