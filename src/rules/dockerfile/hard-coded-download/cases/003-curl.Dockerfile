FROM debian:13 AS fetch
ENV VERSION=v0.6.1
RUN wget https://example.org/releases/$VERSION/dockerize-alpine-linux-amd64-$VERSION.tar.gz \
    && tar -C /usr/local/bin -xzvf dockerize-alpine-linux-amd64-$VERSION.tar.gz
RUN curl -Lo /usr/bin/kubectl "https://dl.k8s.io/release/v1.33.0/bin/linux/amd64/kubectl"
RUN curl -LO 'https://example.org/tool_x86_64.zip'
FROM debian:13
COPY --from=fetch /usr/local/bin /usr/local/bin
