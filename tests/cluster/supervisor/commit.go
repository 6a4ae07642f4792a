package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// commit is the content of a git repository's HEAD.
type commit struct {
	hash  string
	files []file // as git lists them, which is sorted
}

type file struct {
	path    string
	mode    int64
	link    string // where it is one
	content []byte
}

func git(repository string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"-C", repository}, args...)...)
	output, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return nil, fmt.Errorf("git %s in %s: %s", args[0], repository, strings.TrimSpace(string(exit.Stderr)))
	}
	return output, err
}

// head reads HEAD; it is `known` where that has not moved.
func head(repository string, known *commit) (*commit, error) {
	hash, err := git(repository, "rev-parse", "--verify", "HEAD^{commit}")
	if err != nil {
		return nil, err
	}
	read := &commit{hash: strings.TrimSpace(string(hash))}
	if known != nil && known.hash == read.hash {
		return known, nil
	}
	packed, err := git(repository, "archive", "--format=tar", read.hash)
	if err != nil {
		return nil, err
	}
	archive := tar.NewReader(bytes.NewReader(packed))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return read, nil
		}
		if err != nil {
			return nil, fmt.Errorf("git archive in %s: %w", repository, err)
		}
		if header.Typeflag != tar.TypeReg && header.Typeflag != tar.TypeSymlink {
			continue
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		read.files = append(read.files, file{header.Name, header.Mode, header.Linkname, content})
	}
}

// below are the files of a folder, with their paths from there; all of them for "".
func (c *commit) below(folder string) []file {
	prefix := strings.Trim(folder, "/")
	if prefix != "" {
		prefix += "/"
	}
	var found []file
	for _, each := range c.files {
		if rest, is := strings.CutPrefix(each.path, prefix); is {
			each.path = rest
			found = append(found, each)
		}
	}
	return found
}
