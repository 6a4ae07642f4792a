# An image with gen in it, for pipelines that commit to a GitOps repository (`images: {gen: …}`) and for its CI. It holds the
# static binary and what it calls: git, ssh and the certificates of the world. Build it where you trust the builder, push it to your
# own registry, and name it by digest.
#
#   docker build -t registry.example/tools/gen:0.1.0 .
FROM docker.io/library/rust:1.95-alpine3.22 AS build
RUN apk add --no-cache build-base
WORKDIR /build
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
COPY templates templates
RUN cargo build --release --locked --bin gen

FROM docker.io/library/alpine:3.22
RUN apk add --no-cache ca-certificates git openssh-client-default \
 && addgroup -g 65532 gen \
 && adduser -D -u 65532 -G gen -h /home/gen gen
COPY --from=build /build/target/release/gen /usr/local/bin/gen
USER 65532:65532
WORKDIR /home/gen
CMD ["gen", "--help"]
