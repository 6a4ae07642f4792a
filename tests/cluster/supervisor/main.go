// A Kubernetes control plane with Flux on this machine, for the tests of gen and for a person to play with: etcd,
// kube-apiserver, kube-controller-manager, source-controller and kustomize-controller are real; the hosts of git
// repositories and what a node would do are stood in for. Beside them run the webhooks of Tekton, for its kinds. All of it
// keeps its data in one temporary folder, and ends with this program.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"k8s.io/klog/v2"
)

const usage = `usage: cluster up FLAG…      for programs: prints one line of JSON when all is up, ends when its stdin does
       cluster play FLAG…    for a person: Flux follows a checkout, Ctrl-C ends it
`

// options is what the flags say.
type options struct {
	kubernetes          string   // the program that is etcd, kube-apiserver and kube-controller-manager
	kustomizeController string   // Flux's
	sourceController    string   // Flux's, too
	definitions         []string // folders and files of CustomResourceDefinitions; of one named twice, the first counts
	webhooks            []string // servers that admit kinds: folder of configuration, `=`, program
	data                string   // folder that the data folder is made in
	repository          string   // git repository served where a GitRepository names none on this machine
	path                string   // play: which folder of the repository Flux applies
	context             string   // name of the context in the kubeconfig
	node                bool     // a real node instead of the stand-in for nodes
	cgroup              string   // of the node's pods
	images              []string // archives that the node gets before the first pod
	git                 string   // folder of bare repositories that pods reach
}

func main() {
	if len(os.Args) < 2 || (os.Args[1] != "up" && os.Args[1] != "play") {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(64)
	}
	mode := os.Args[1]
	// The client library tells of every watch that breaks off when the API server ends.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	given, err := parse(os.Args[2:])
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(64)
	}
	if err := run(mode, given); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	given := options{}
	flags := flag.NewFlagSet("cluster", flag.ContinueOnError)
	flags.StringVar(&given.kubernetes, "kubernetes", "", "the `program` of Kubernetes' servers")
	flags.StringVar(&given.kustomizeController, "kustomize-controller", "", "the `program` of Flux's kustomize-controller")
	flags.StringVar(&given.sourceController, "source-controller", "", "the `program` of Flux's source-controller")
	flags.Func("definitions", "a `path` with CustomResourceDefinitions; can be given several times", func(path string) error {
		given.definitions = append(given.definitions, path)
		return nil
	})
	flags.Func("webhook", "`config=program`: a server that admits kinds; can be given several times", func(text string) error {
		given.webhooks = append(given.webhooks, text)
		return nil
	})
	flags.StringVar(&given.data, "data", os.TempDir(), "the `folder` to make the data folder in")
	flags.StringVar(&given.repository, "repository", "", "a git `repository` for sources that name none on this machine")
	flags.StringVar(&given.path, "path", "", "play: the `folder` of the repository for Flux to apply")
	flags.BoolVar(&given.node, "node", false, "run a real node: needs root, a network namespace of its own with a bridge gen0, and containerd")
	flags.StringVar(&given.cgroup, "cgroup", "/", "the `group` that the node's pods are in")
	flags.StringVar(&given.git, "git", "", "the `folder` of bare repositories that pods reach at git.gen.test")
	flags.Func("image", "an OCI `archive` for the node; can be given several times", func(path string) error {
		given.images = append(given.images, path)
		return nil
	})
	flags.StringVar(&given.context, "context", "gen-test", "the `name` of the context in the kubeconfig")
	if err := flags.Parse(args); err != nil {
		return given, err
	}
	if flags.NArg() > 0 || given.kubernetes == "" || given.kustomizeController == "" || given.sourceController == "" {
		return given, errors.New("needs --kubernetes, --kustomize-controller and --source-controller, and takes no arguments")
	}
	return given, nil
}

// run starts everything and waits for the end of it. It is on the main thread, whose end the servers are told of.
func run(mode string, given options) error {
	end := endings(mode == "up")
	folder, err := newFolder(given.data)
	if err != nil {
		return err
	}
	defer folder.remove()
	servers := &servers{folder: folder.path, died: make(chan death, 8)}
	defer servers.kill()

	started := make(chan error, 1)
	plane := &plane{options: given, folder: folder.path, servers: servers}
	// Starting asks the servers things and waits; a signal or a server's end must not wait for that.
	go func() { started <- plane.start(mode) }()
	for {
		select {
		case err := <-started:
			if err != nil {
				return servers.explain(err)
			}
			started = nil
		case call := <-servers.calls():
			call()
		case death := <-servers.died:
			return death
		case <-end:
			return nil
		}
	}
}

// start brings the control plane up and says so.
func (p *plane) start(mode string) error {
	if err := p.bringUp(); err != nil {
		return err
	}
	if mode == "play" {
		return p.play()
	}
	line, err := json.Marshal(p.told())
	if err != nil {
		return err
	}
	_, err = fmt.Println(string(line))
	return err
}
