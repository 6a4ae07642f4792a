// Command kubectl is Kubernetes' own client, built from its Go module. It stands in where a machine has no kubectl and
// no package to install it from; tests use its `kustomize` command.
package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
