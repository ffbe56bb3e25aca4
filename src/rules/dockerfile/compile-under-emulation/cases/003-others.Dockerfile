FROM node:22 AS web
RUN npm ci
RUN npm run build
FROM maven:3 AS java
RUN mvn -B package
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS dotnet
RUN dotnet publish -o /out
FROM golang:1.25-alpine AS cgo
RUN apk add gcc musl-dev
RUN go build -o /app .
FROM debian:13
COPY --from=web /dist /dist
COPY --from=java /a.jar /a.jar
COPY --from=dotnet /out /out
COPY --from=cgo /app /app
