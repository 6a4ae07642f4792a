package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// store keeps packed artifacts in memory and serves them by their digest.
type store struct {
	address string
	mutex   sync.Mutex
	packed  map[string][]byte
}

func newStore(address string) *store {
	return &store{address: address, packed: map[string][]byte{}}
}

// packed is an artifact as a status names it.
type packed struct {
	url, path, digest string
	size              int64
}

// add packs files. The same files make the same bytes: no times, no owners.
func (s *store) add(files []file) (packed, error) {
	var content bytes.Buffer
	zipped := gzip.NewWriter(&content)
	archive := tar.NewWriter(zipped)
	for _, each := range files {
		header := &tar.Header{Name: each.path, Mode: each.mode, Size: int64(len(each.content)), Typeflag: tar.TypeReg}
		if each.link != "" {
			header.Typeflag, header.Linkname, header.Size = tar.TypeSymlink, each.link, 0
		}
		if err := archive.WriteHeader(header); err != nil {
			return packed{}, err
		}
		if _, err := archive.Write(each.content[:header.Size]); err != nil {
			return packed{}, err
		}
	}
	if err := archive.Close(); err != nil {
		return packed{}, err
	}
	if err := zipped.Close(); err != nil {
		return packed{}, err
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(content.Bytes()))
	path := "artifacts/" + sum + ".tar.gz"
	s.mutex.Lock()
	s.packed[path] = content.Bytes()
	s.mutex.Unlock()
	return packed{s.address + "/" + path, path, "sha256:" + sum, int64(content.Len())}, nil
}

func (s *store) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	s.mutex.Lock()
	content, found := s.packed[strings.TrimPrefix(request.URL.Path, "/")]
	s.mutex.Unlock()
	if !found {
		http.NotFound(answer, request)
		return
	}
	answer.Header().Set("Content-Type", "application/gzip")
	_, _ = answer.Write(content)
}
