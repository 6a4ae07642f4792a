package main

import "net/http"

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", ok)
	mux.HandleFunc("GET /readyz", ok)
	http.ListenAndServe(":8080", mux)
}

func ok(w http.ResponseWriter, _ *http.Request) {}
