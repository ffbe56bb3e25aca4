FROM --platform=${BUILDPLATFORM} node:22 AS base
RUN npm install --global corepack
FROM base
COPY . .
