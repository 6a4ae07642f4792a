package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"os/exec"
	"path/filepath"
	"strings"
)

// git calls it in a repository and gives what it prints.
func git(repository string, args ...string) (string, error) {
	output, err := exec.Command("git", append([]string{"-C", repository, "-c", "safe.directory=*"}, args...)...).Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("git %s in %s: %s", args[0], repository, strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimSpace(string(output)), err
}

// gitServer serves the repositories under a folder by git's own program: to everyone who may call it for reading, and for pushing
// where the caller vouches for who pushes.
type gitServer struct {
	program, folder string
}

func newGitServer(folder string) (*gitServer, error) {
	programs, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return nil, err
	}
	return &gitServer{filepath.Join(strings.TrimSpace(string(programs)), "git-http-backend"), folder}, nil
}

func (g *gitServer) serve(answer http.ResponseWriter, request *http.Request, env ...string) {
	env = append(env, "GIT_PROJECT_ROOT="+g.folder, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_GLOBAL=/dev/null",
		// The repositories belong to whoever runs the tests, and this is the same user.
		"GIT_CONFIG_COUNT=2", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*",
		"GIT_CONFIG_KEY_1=http.receivepack", "GIT_CONFIG_VALUE_1=true")
	// It complains of every repository that is gone; who asks is told by the answer.
	(&cgi.Handler{Path: g.program, Env: env, InheritEnv: []string{"PATH"}, Stderr: io.Discard}).ServeHTTP(answer, request)
}

// pushes says whether a request is part of a push.
func pushes(request *http.Request) bool {
	return strings.HasSuffix(request.URL.Path, "/git-receive-pack") || request.URL.Query().Get("service") == "git-receive-pack"
}

// deployPassword is what the Secret of the tests' `deploy: git` holds; told to them by `up`.
const deployPassword = "may-push-to-the-gitops-repository"

// withPassword lets only those push who give the password.
func (g *gitServer) withPassword(answer http.ResponseWriter, request *http.Request) {
	if !pushes(request) {
		g.serve(answer, request)
		return
	}
	if _, password, _ := request.BasicAuth(); password != deployPassword {
		answer.Header().Set("WWW-Authenticate", `Basic realm="git"`)
		http.Error(answer, "who pushes has to say who it is", http.StatusUnauthorized)
		return
	}
	g.serve(answer, request, "REMOTE_USER=deploy")
}
