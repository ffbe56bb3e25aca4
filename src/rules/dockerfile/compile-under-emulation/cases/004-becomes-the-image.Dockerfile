FROM golang:1.25 AS base
RUN go install example.org/tool@latest
FROM maven:3 AS native
RUN mvn -Pnative package
FROM base
RUN go build -o /app .
COPY --from=native /n /n
