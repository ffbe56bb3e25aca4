FROM --platform=$BUILDPLATFORM node:22 AS build
RUN npm ci
FROM --platform=$BUILDPLATFORM node:22 AS cross
ARG TARGETARCH
RUN npm ci --cpu=$TARGETARCH
FROM --platform=$BUILDPLATFORM debian:13 AS libs
RUN apt-get install -y libssl3
FROM node:22
COPY --from=build /app/node_modules ./node_modules
COPY --from=cross /app/node_modules ./cross/node_modules
COPY --from=libs /usr/lib /usr/lib
COPY --from=libs /etc/ssl/certs /etc/ssl/certs
