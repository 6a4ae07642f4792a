// Command gen-validate judges objects as the cluster would when they are created: Kubernetes' own kinds by the API server's
// strategies (defaults, declarative and other validation), custom kinds by their definitions (schema and CEL rules), and those of
// Tekton and Triggers also by their webhooks' SetDefaults and Validate.
//
// It needs no cluster, so a test can judge thousands of trees. What needs other objects (quotas, references, webhooks of others) it
// does not judge; the control plane's tests do. Of Pod Security it judges pods, whatever their namespace enforces.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/capabilities"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

const usage = `usage: gen-validate [--definitions PATH]... [--pod-security] DIR...|-

Every object in the .yaml, .yml and .json files below DIR, or in the stream on stdin, is judged. A fault is a line: the file and the
document in it, the object, the message. A warning, as kubectl would print it, begins with "warning: ". The last line on stderr says
how many objects were judged by what. The exit status is 1 if there were faults, 2 if it could not do its work.

PATH is a file or a folder of CustomResourceDefinitions; of a kind that is defined twice, the first counts. A kind that is
neither Kubernetes' own nor defined is a fault.

With --pod-security the pods of Kubernetes' own kinds are also judged by the levels of Pod Security: faults that begin with
"pod-security baseline: " or "pod-security restricted: ".
`

func main() {
	// As clusters are set up; which namespace may have such a pod, Pod Security decides.
	capabilities.Setup(true, 0)
	out := bufio.NewWriterSize(os.Stdout, 1<<16)
	faults, err := run(os.Args[1:], os.Stdin, out)
	if flushErr := out.Flush(); err == nil {
		err = flushErr
	}
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(64)
	case err != nil:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	case faults > 0:
		os.Exit(1)
	}
}

var errUsage = errors.New("usage")

// judge decides about one object.
type judge struct {
	definitions definitions
	judged      map[string]int
	// levels judges by the levels of Pod Security, if that is wanted.
	levels policy.Evaluator
}

func run(args []string, in io.Reader, out io.Writer) (int, error) {
	judge := judge{definitions: definitions{}, judged: map[string]int{}}
	var inputs []string
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--definitions" && i+1 < len(args):
			i++
			if err := judge.definitions.load(args[i]); err != nil {
				return 0, err
			}
		case args[i] == "--pod-security":
			evaluator, err := newEvaluator()
			if err != nil {
				return 0, err
			}
			judge.levels = evaluator
		case strings.HasPrefix(args[i], "--"):
			return 0, errUsage
		default:
			inputs = append(inputs, args[i])
		}
	}
	if len(inputs) == 0 {
		return 0, errUsage
	}
	faults := 0
	for _, input := range inputs {
		err := eachFile(input, in, func(path string, content []byte) error {
			return eachDocument(content, func(number int, document []byte) error {
				found, err := judge.document(fmt.Sprintf("%s#%d", path, number), document, out)
				faults += found
				return err
			})
		})
		if err != nil {
			return faults, err
		}
	}
	var counts []string
	for how, count := range judge.judged {
		counts = append(counts, fmt.Sprintf("%d by %s", count, how))
	}
	sort.Strings(counts)
	fmt.Fprintf(os.Stderr, "judged: %s\n", strings.Join(counts, ", "))
	return faults, nil
}

func eachFile(input string, in io.Reader, visit func(string, []byte) error) error {
	if input == "-" {
		content, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		return visit("stdin", content)
	}
	return filepath.WalkDir(input, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch filepath.Ext(path) {
		case ".yaml", ".yml":
		case ".json":
			// gen's own records.
			if strings.HasSuffix(entry.Name(), ".lock.json") {
				return nil
			}
		default:
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return visit(path, content)
	})
}

func eachDocument(content []byte, visit func(int, []byte) error) error {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for number := 0; ; number++ {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(number, document); err != nil {
			return err
		}
	}
}

// document judges the object of one document, and those in it if it is a list. Returns the number of faults.
func (j *judge) document(where string, document []byte, out io.Writer) (int, error) {
	faults := 0
	report := func(name, message string) {
		if !strings.HasPrefix(message, "warning: ") {
			faults++
		}
		fmt.Fprintf(out, "%s: %s: %s\n", where, name, strings.ReplaceAll(message, "\n", " "))
	}
	// As kubectl and kustomize read it; duplicate keys are refused.
	text, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		report("-", err.Error())
		return faults, nil
	}
	var object unstructured.Unstructured
	if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
		return 0, nil
	}
	if err := object.UnmarshalJSON(text); err != nil {
		report("-", err.Error())
		return faults, nil
	}
	if object.IsList() {
		err := object.EachListItem(func(item runtimeObject) error {
			inner := item.(*unstructured.Unstructured)
			raw, err := inner.MarshalJSON()
			if err != nil {
				return err
			}
			found, err := j.document(where, raw, out)
			faults += found
			return err
		})
		return faults, err
	}
	kind := object.GroupVersionKind()
	// What only kustomize reads.
	if kind.Group == "kustomize.config.k8s.io" {
		j.judged["nobody (kustomize's own)"]++
		return 0, nil
	}
	name := fmt.Sprintf("%s %s/%s", kind.Kind, object.GetNamespace(), object.GetName())
	for _, message := range j.object(context.Background(), &object, text) {
		report(name, message)
	}
	return faults, nil
}
