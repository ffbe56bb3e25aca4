FROM rust:1.90 AS rust
RUN rustup target add x86_64-unknown-linux-musl
RUN cargo build --release --target x86_64-unknown-linux-musl
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS dotnet
RUN dotnet publish -c Release -r linux-x64 -o /out
FROM gcc:15 AS c
RUN gcc -O2 -march=x86-64-v2 -o /c main.c
FROM oven/bun:1 AS bun
RUN bun build --compile --target=bun-linux-x64 index.ts --outfile /b
FROM debian:13
COPY --from=rust /a /a
COPY --from=dotnet /out /out
COPY --from=c /c /c
COPY --from=bun /b /b
