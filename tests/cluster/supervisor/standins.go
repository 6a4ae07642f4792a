package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"k8s.io/client-go/dynamic"
)

// standIns starts what plays source-controller, source-watcher and, unless there is a real one, the nodes, and names the
// address that serves the artifacts. `POST /poke` there looks at all sources at once and answers when that is done.
func standIns(client dynamic.Interface, repository string, withNodes bool) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := "http://" + listener.Addr().String()
	store := newStore(address)
	sources := &sources{client: client, store: store, repository: repository, commits: map[string]*commit{}}
	mux := http.NewServeMux()
	mux.Handle("GET /artifacts/", store)
	mux.HandleFunc("POST /poke", func(answer http.ResponseWriter, _ *http.Request) {
		if err := sources.look(); err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
		}
	})
	go func() { _ = http.Serve(listener, mux) }()
	go forEver("sources", 500*time.Millisecond, sources.look)
	if withNodes {
		nodes := newNodes(client)
		go forEver("nodes", 200*time.Millisecond, nodes.look)
	}
	return address, nil
}

// forEver calls again and again. What goes wrong is said once, until it is another thing.
func forEver(name string, pause time.Duration, look func() error) {
	last := ""
	for {
		said := ""
		if err := look(); err != nil {
			said = err.Error()
		}
		if said != "" && said != last {
			fmt.Fprintf(os.Stderr, "cluster: %s: %s\n", name, said)
		}
		last = said
		time.Sleep(pause)
	}
}
