package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// artifact is what the source-controller offers of a source.
type artifact struct {
	digest string
	commit string // sha1:HASH
	files  []file // as they are packed
}

type file struct {
	path    string
	mode    int64
	link    string // where it is one
	content []byte
}

// artifactOf reads a source's artifact from where its status says; it is `known` where that has not changed, and nil where
// there is none.
func artifactOf(source *unstructured.Unstructured, known *artifact) (*artifact, error) {
	status, _, _ := unstructured.NestedMap(source.Object, "status", "artifact")
	digest, address := text(status, "digest"), text(status, "url")
	if address == "" || known != nil && known.digest == digest {
		return known, nil
	}
	answer, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, answer.Status)
	}
	zipped, err := gzip.NewReader(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	_, commit, _ := strings.Cut(text(status, "revision"), "@")
	read := &artifact{digest: digest, commit: commit}
	for archive := tar.NewReader(zipped); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return read, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
		if header.Typeflag != tar.TypeReg && header.Typeflag != tar.TypeSymlink {
			continue
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", address, err)
		}
		read.files = append(read.files, file{path.Clean(header.Name), header.Mode, header.Linkname, content})
	}
}

// below are the files of a folder, with their paths from there; all of them for "".
func (a *artifact) below(folder string) []file {
	prefix := strings.Trim(folder, "/")
	if prefix != "" {
		prefix += "/"
	}
	var found []file
	for _, each := range a.files {
		if rest, is := strings.CutPrefix(each.path, prefix); is {
			each.path = rest
			found = append(found, each)
		}
	}
	return found
}
