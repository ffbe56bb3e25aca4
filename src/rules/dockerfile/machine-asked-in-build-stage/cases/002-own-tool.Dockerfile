FROM --platform=$BUILDPLATFORM alpine:3.22 AS fetch
RUN wget -O /usr/local/bin/task https://example.org/task-$(uname -m)
ARG TARGETARCH
RUN wget -O /tool https://example.org/tool-$TARGETARCH
FROM alpine:3.22
RUN wget -O /other https://example.org/other-$(uname -m)
COPY --from=fetch /tool /tool
