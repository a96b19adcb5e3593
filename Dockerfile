# Pin both by digest in a release: --build-arg GO=golang@sha256:… --build-arg RUNTIME=alpine@sha256:…
ARG GO=golang:1.26-alpine
ARG RUNTIME=alpine:3.22

FROM ${GO} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=""
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=${VERSION}" -o /rendergate ./cmd/rendergate

# git reads the trees, so the image has one; nothing else is needed.
FROM ${RUNTIME}
RUN apk add --no-cache git
COPY --from=build /rendergate /usr/local/bin/rendergate
# A mounted checkout belongs to somebody else, which git refuses unless told.
ENV GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=*
ENTRYPOINT ["rendergate"]
