// Where the definitions of Flux's and the Gateway API's kinds come from: nothing of these modules is built, their folders
// are only read.
module gitops-gen/tests/cluster/definitions

go 1.26.0

require (
	github.com/fluxcd/helm-controller v1.4.3
	github.com/fluxcd/kustomize-controller v1.9.6
	github.com/fluxcd/source-controller v1.9.3
	sigs.k8s.io/gateway-api v1.6.3
)
