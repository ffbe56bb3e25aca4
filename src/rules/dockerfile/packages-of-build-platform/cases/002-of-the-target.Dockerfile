FROM python:3.13 AS build
RUN python -m venv /venv && /venv/bin/pip install numpy
FROM --platform=$BUILDPLATFORM node:22 AS web
RUN npm ci && npm run build
FROM python:3.13
COPY --from=build /venv /venv
COPY --from=web /app/dist /dist
COPY --from=node:22 /usr /node
