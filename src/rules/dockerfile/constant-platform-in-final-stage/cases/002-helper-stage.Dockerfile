FROM --platform=linux/amd64 node:22 AS assets
RUN npm run build
FROM debian:13
COPY --from=assets /dist /dist
