FROM --platform=$BUILDPLATFORM golang AS build
RUN go build -o /app
FROM scratch
COPY --from=build /app /app
