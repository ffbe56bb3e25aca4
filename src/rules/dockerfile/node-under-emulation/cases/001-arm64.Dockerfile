ARG NODE=22
FROM node:${NODE}-alpine AS base
FROM base AS build
RUN npm ci
FROM debian:13
COPY --from=build /a /a
