package main

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"k8s.io/client-go/dynamic"
)

// served shows one repository of this machine under every URL that names none: whatever branch a GitRepository asks for is
// what HEAD is there. Its objects are those of the repository, its branches are its own.
type served struct {
	client     dynamic.Interface
	repository string
	shown      string // a bare repository in the data folder
	server     *gitServer
	mutex      sync.Mutex
}

func newServed(client dynamic.Interface, repository, folder string) (*served, error) {
	shown := filepath.Join(folder, "served.git")
	server, err := newGitServer(shown)
	return &served{client: client, repository: repository, shown: shown, server: server}, err
}

// prepare makes what is shown. The repository need not be there before somebody asks for it.
func (s *served) prepare() error {
	objects, err := git(s.repository, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.shown, 0o755); err != nil {
		return err
	}
	if _, err := git(s.shown, "init", "--quiet", "--bare"); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.shown, "objects", "info", "alternates"), []byte(objects+"\n"), 0o600)
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
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if err := s.prepare(); err != nil {
		return err
	}
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
