package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"

	"k8s.io/client-go/dynamic"
)

// served shows one repository of this machine under every URL that names none: whatever branch a GitRepository asks for is
// what HEAD is there. Its objects are those of the repository, its branches are its own.
type served struct {
	client     dynamic.Interface
	repository string
	shown      string // a bare repository in the data folder
	server     *gitServer
}

func newServed(client dynamic.Interface, repository, folder string) (*served, error) {
	objects, err := git(repository, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	if err != nil {
		return nil, err
	}
	s := &served{client: client, repository: repository, shown: filepath.Join(folder, "served.git")}
	if err := os.MkdirAll(s.shown, 0o755); err != nil {
		return nil, err
	}
	if _, err := git(s.shown, "init", "--quiet", "--bare"); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(s.shown, "objects", "info", "alternates"), []byte(objects+"\n"), 0o600); err != nil {
		return nil, err
	}
	s.server, err = newGitServer(s.shown)
	return s, err
}

// What of a URL's path is the protocol's, behind the repository's own.
var protocol = regexp.MustCompile(`/(info/refs|git-upload-pack)$`)

func (s *served) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	path := protocol.FindString(request.URL.Path)
	if path == "/info/refs" {
		if err := s.renew(); err != nil {
			http.Error(answer, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	request.URL.Path = path
	s.server.serve(answer, request)
}

// renew sets every branch that is asked for to HEAD of the repository.
func (s *served) renew() error {
	head, err := git(s.repository, "rev-parse", "--verify", "HEAD^{commit}")
	if err != nil {
		return err
	}
	repositories, err := listed(s.client, repositoryResource)
	if err != nil {
		return err
	}
	for index := range repositories {
		if _, isLocal := folderOf(&repositories[index]); isLocal {
			continue
		}
		if _, err := git(s.shown, "update-ref", "refs/heads/"+branchOf(&repositories[index]), head); err != nil {
			return err
		}
	}
	return nil
}
