# syntax=docker/dockerfile:1

# The daemon, the trainer and the demo in one image:      docker build -t auscult .
# The same with what listens to a microphone:             docker build -t auscult:microphone --target microphone .

FROM node:22.21.1-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM node:22.21.1-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# ONNX Runtime brings its libraries for all systems; one of them is needed.
RUN npm ci --omit=dev --no-audit --no-fund \
  && find node_modules/onnxruntime-node/bin/napi-v6 -mindepth 2 -maxdepth 2 \
    -not -path "*/linux/$(node -p process.arch)" -exec rm -r {} +

FROM node:22.21.1-bookworm-slim AS base
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --uid 10001 --user-group --create-home --home-dir /var/lib/auscult auscult
# A container is reached from outside only when it listens on all its addresses; nothing can be changed without http.token then.
ENV NODE_ENV=production MALLOC_ARENA_MAX=1 AUSCULT_HTTP_HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY dashboards/live dashboards/live
COPY dashboards/stack dashboards/stack
COPY --chmod=755 dashboards/stack/entrypoint.sh /usr/local/bin/auscult
WORKDIR /var/lib/auscult
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/app/dashboards/stack/healthcheck.mjs"]
ENTRYPOINT ["tini", "--", "auscult"]
CMD ["run", "/etc/auscult/run.yaml"]
LABEL org.opencontainers.image.title="Auscult" \
  org.opencontainers.image.description="Learns what normal sounds or looks like, then watches live feeds and names what is not normal" \
  org.opencontainers.image.licenses="MIT"

# Run with --device /dev/snd for ALSA, or with the socket of PulseAudio.
FROM base AS microphone
RUN apt-get update \
  && apt-get install -y --no-install-recommends alsa-utils libsox-fmt-pulse sox \
  && rm -rf /var/lib/apt/lists/* \
  && usermod --append --groups audio auscult
USER auscult

FROM base AS auscult
USER 10001:10001
