// Flux's own client, of which the tests ask what it sees (tests/live/peer.rs). Its module is built in a copy, because its
// program embeds files that are made before a release.
module gitops-gen/tests/tools/flux

go 1.26.0

require github.com/fluxcd/flux2/v2 v2.9.5
