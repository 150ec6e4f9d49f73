# Sluice's images: `docker build --target api|consumer|transcoder|local .`
#
# api         the page and the API; `migrate` as argument brings the database up to date
# consumer    takes upload events and has transcoders started elsewhere (ECS)
# transcoder  one job, or `input --out folder`
# local       the consumer with the transcoder beside it, for one machine
#
# Every image runs as user 65532 on a read-only root without a shell, needs no temporary folder and
# holds no secret. linux/amd64 is built and run by the tests. For linux/arm64 the executables have been built
# on amd64 and not run; its images have not been built.
#
# Give --build-arg COMMIT=$(git rev-parse HEAD), so that --version can tell it.

FROM --platform=$BUILDPLATFORM docker.io/oven/bun:1.4.5-debian AS build
WORKDIR /src
COPY package.json bun.lock ./
RUN --mount=type=cache,target=/root/.bun/install/cache \
    bun install --frozen-lockfile --production --ignore-scripts
COPY LICENSE NOTICE tsconfig.json ./
COPY scripts/build.ts scripts/
COPY src src
ARG TARGETARCH=amd64
ARG COMMIT=
RUN SLUICE_COMMIT=$COMMIT bun scripts/build.ts --image --out /out \
      --target linux-$([ "$TARGETARCH" = amd64 ] && echo x64 || echo "$TARGETARCH")
# A root for each image: copied whole, with one date everywhere, equal contents make equal layers.
RUN for image in "api api" "consumer consumer" "transcoder transcoder node-av.node"; do \
      set -- $image; folder=/roots/$1/sluice; shift; mkdir -p "$folder"; \
      cp LICENSE NOTICE "$folder"; for file in "$@"; do mv "/out/$file" "$folder"; done; \
    done && \
    mkdir -p /roots/data/data && chmod 0700 /roots/data/data && \
    touch -d @0 /roots/*/sluice/* /roots/*/* /roots/*

FROM gcr.io/distroless/cc-debian12:nonroot AS base
ARG COMMIT=
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.vendor="Sluice" \
      org.opencontainers.image.revision="$COMMIT"
# By number, so that engines can see that it is not root.
USER 65532:65532
STOPSIGNAL SIGTERM

FROM base AS api
LABEL org.opencontainers.image.title="sluice-api" \
      org.opencontainers.image.description="Sluice: the page and the API."
COPY --from=build /roots/api /
COPY --from=build --chown=65532:65532 /roots/data /
WORKDIR /data
ENV HOST=0.0.0.0 INTERNAL_HOST=0.0.0.0 DATA_DIR=/data
EXPOSE 3000 3001
VOLUME ["/data"]
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/sluice/api", "--health"]
ENTRYPOINT ["/sluice/api"]

FROM base AS consumer
LABEL org.opencontainers.image.title="sluice-consumer" \
      org.opencontainers.image.description="Sluice: takes upload events and has transcoders started."
COPY --from=build /roots/consumer /
COPY --from=build --chown=65532:65532 /roots/data /
WORKDIR /data
ENV DATA_DIR=/data HEALTH_PORT=3002
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/sluice/consumer", "--health"]
ENTRYPOINT ["/sluice/consumer"]

FROM base AS transcoder
LABEL org.opencontainers.image.title="sluice-transcoder" \
      org.opencontainers.image.description="Sluice: turns one video into DASH and HLS."
COPY --from=build /roots/transcoder /
COPY --from=build --chown=65532:65532 /roots/data /
WORKDIR /data
ENTRYPOINT ["/sluice/transcoder"]
CMD ["job"]

FROM consumer AS local
LABEL org.opencontainers.image.title="sluice-local" \
      org.opencontainers.image.description="Sluice: the consumer, with the transcoder that it starts."
COPY --from=build /roots/transcoder /
VOLUME ["/data"]
