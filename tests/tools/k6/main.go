// Command k6 is Grafana's load tester, built from its Go module: tests of the load-test stage run what that stage runs.
package main

import "go.k6.io/k6/cmd"

func main() { cmd.Execute() }
