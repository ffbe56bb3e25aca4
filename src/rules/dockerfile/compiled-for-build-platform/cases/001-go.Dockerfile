FROM --platform=$BUILDPLATFORM golang:1.25 AS source
COPY . .
FROM source AS build
RUN CGO_ENABLED=0 go build -trimpath -o /app .
FROM debian:13
COPY --from=build /app /app
