// Command gen-oracle reads YAML the way that Kubernetes, Flux and Tekton read it: with sigs.k8s.io/yaml, in its
// strict form. Tests compare what it read with what gen meant to write.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

const usage = `usage:
  gen-oracle yaml            a stream of YAML documents on stdin; one JSON document a line on stdout
  gen-oracle yaml-batch DIR  every .yaml and .yml file under DIR; lines of PATH, a tab, JSON

Both stop at the first document that is refused: its index in the stream, counted from 0, goes to stderr and the
exit status is 1. Keys of maps are printed in sorted order. Documents of nothing but comments are left out.
`

func main() {
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	err := run(os.Args[1:], os.Stdin, out)
	// What was read before an error is printed too: a test shows how far the reader came.
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	var bad usageError
	switch {
	case errors.As(err, &bad):
		fmt.Fprint(os.Stderr, bad.Error())
		os.Exit(64)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type usageError struct{}

func (usageError) Error() string { return usage }

func run(args []string, in io.Reader, out io.Writer) error {
	switch {
	case len(args) == 1 && args[0] == "yaml":
		return convert(in, func(document []byte) error {
			_, err := fmt.Fprintf(out, "%s\n", document)
			return err
		})
	case len(args) == 2 && args[0] == "yaml-batch":
		return batch(args[1], out)
	default:
		return usageError{}
	}
}

func batch(dir string, out io.Writer) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		extension := filepath.Ext(path)
		if !entry.Type().IsRegular() || (extension != ".yaml" && extension != ".yml") {
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		err = convert(file, func(document []byte) error {
			_, err := fmt.Fprintf(out, "%s\t%s\n", filepath.ToSlash(name), document)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// convert hands each document of a stream to emit as JSON.
func convert(in io.Reader, emit func([]byte) error) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	for index, document := range split(text) {
		asJSON, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return fmt.Errorf("document %d: %w", index, err)
		}
		if err := emit(asJSON); err != nil {
			return err
		}
	}
	return nil
}

// split cuts a stream at its separator lines. Kubernetes' own reader (k8s.io/apimachinery/pkg/util/yaml) cuts the text
// before it parses it, at lines of `---` with nothing but blanks or a comment behind it, and so it is done here: a
// string that smuggles in such a line would be cut apart there as well.
func split(text []byte) [][]byte {
	var documents [][]byte
	var current []byte
	flush := func() {
		if !empty(current) {
			documents = append(documents, current)
		}
		current = nil
	}
	for line := range bytes.Lines(text) {
		if rest, found := bytes.CutPrefix(line, []byte("---")); found {
			rest := strings.TrimSpace(string(rest))
			if rest == "" || rest[0] == '#' {
				flush()
				continue
			}
		}
		current = append(current, line...)
	}
	flush()
	return documents
}

// empty says whether a piece of a stream holds only comments and blank lines, as the header above the first separator
// does.
func empty(document []byte) bool {
	for line := range bytes.Lines(document) {
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' {
			return false
		}
	}
	return true
}
