FROM node:18 AS old
RUN npm ci
FROM --platform=$BUILDPLATFORM node:22 AS pinned
RUN npm ci
FROM node:22
COPY --from=old /a /a
COPY --from=pinned /b /b
