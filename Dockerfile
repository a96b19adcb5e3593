# A release pins both by digest: --build-arg GO=golang@sha256:… --build-arg RUNTIME=alpine@sha256:…
ARG GO=golang:1.26-alpine
ARG RUNTIME=alpine:3.22

# Go builds for other platforms itself, without emulation.
FROM --platform=$BUILDPLATFORM ${GO} AS build
RUN apk add --no-cache bash
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=""
ARG TARGETOS=linux
ARG TARGETARCH=amd64
RUN .ci/build "$VERSION" /out "$TARGETOS/$TARGETARCH" && mv /out/rendergate_* /out/rendergate

# git reads the trees, so the image has one; nothing else is needed.
FROM ${RUNTIME}
RUN apk add --no-cache git
COPY --from=build /out/rendergate /usr/local/bin/rendergate
# A mounted checkout belongs to somebody else, which git refuses unless told.
ENV GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*
ENTRYPOINT ["rendergate"]
