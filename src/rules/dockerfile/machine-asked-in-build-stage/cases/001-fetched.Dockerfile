FROM --platform=$BUILDPLATFORM alpine:3.22 AS fetch
RUN wget -O /tool https://example.org/tool-$(uname -m)
FROM alpine:3.22
COPY --from=fetch /tool /tool
