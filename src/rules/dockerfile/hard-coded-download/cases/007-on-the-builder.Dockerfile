FROM --platform=$BUILDPLATFORM debian:13 AS build
RUN curl -LO https://example.org/protoc-linux-x86_64.zip
FROM debian:13
COPY --from=build /out /out
