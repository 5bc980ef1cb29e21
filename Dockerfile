# syntax=docker/dockerfile:1

FROM node:20.19-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:20.19-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package needs its install script: the native parts of the SDK and of DuckDB come ready-made.
# npm leaves out what is a development dependency and an optional peer as well; by the second line it is a plain peer.
RUN npm ci --omit=dev --ignore-scripts \
  && npm pkg delete devDependencies peerDependenciesMeta \
  && npm install --ignore-scripts --no-save

# Debian rather than Alpine: the SDK's native part needs glibc.
FROM node:20.19-bookworm-slim
# The SDK's native part takes its root certificates from the system, which this image has none of.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
# A new volume takes owner and mode from the folder it is mounted over.
RUN install --directory --owner=node --group=node --mode=0700 \
  /var/lib/clari /var/lib/clari/staging /var/lib/clari/warehouse
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
USER node
CMD ["node", "dist/worker.js"]
