package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// standIns starts what plays source-watcher, git hosts' webhooks and, unless there is a real one, the nodes, and names the
// address that serves the artifacts. `POST /poke` there has Flux look at all sources at once and answers when that is done.
func standIns(client dynamic.Interface, repository string, withNodes bool) (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	address := "http://" + listener.Addr().String()
	store := newStore(address)
	sources := &sources{
		client: client, store: store, repository: repository,
		asked: map[types.UID]question{}, artifacts: map[types.UID]*artifact{},
	}
	mux := http.NewServeMux()
	mux.Handle("GET /artifacts/", store)
	mux.HandleFunc("POST /poke", func(answer http.ResponseWriter, _ *http.Request) {
		if err := sources.poke(); err != nil {
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

func condition(kind, status, reason, message string, generation int64) map[string]any {
	return map[string]any{
		"type": kind, "status": status, "reason": reason, "message": message, "observedGeneration": generation,
		"lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
	}
}

// setStatus writes a status as a controller does. An object that is gone by then needs none.
func setStatus(client dynamic.Interface, resource schema.GroupVersionResource, object *unstructured.Unstructured, status map[string]any) error {
	set := &unstructured.Unstructured{Object: map[string]any{"status": status}}
	set.SetAPIVersion(object.GetAPIVersion())
	set.SetKind(object.GetKind())
	set.SetName(object.GetName())
	set.SetNamespace(object.GetNamespace())
	set.SetUID(object.GetUID())
	_, err := client.Resource(resource).Namespace(object.GetNamespace()).
		ApplyStatus(context.Background(), object.GetName(), set, meta.ApplyOptions{FieldManager: "gen-test-standin", Force: true})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
