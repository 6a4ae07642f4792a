// setter changes the YAML files of a folder as Flux's image-automation-controller does: by the library that it uses for reading,
// finding marks and writing, in the version that it uses. What the policies chose comes as JSON on standard input, by
// NAMESPACE:NAME; the files that change are named on standard output.
//
//	setter FOLDER <policies.json     {"flux-system:shop-dev": {"name": "…", "tag": "…", "digest": "sha256:…"}}
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/fieldmeta"
	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const mark = "$imagepolicy"

// image is what a policy chose.
type image struct{ Name, Tag, Digest string }

// value is what a mark asks for: the whole image, or the part that its suffix names.
func value(chosen map[string]image, setter string) (string, bool) {
	parts := strings.SplitN(setter, ":", 3)
	if len(parts) < 2 {
		return "", false
	}
	found, known := chosen[parts[0]+":"+parts[1]]
	if !known {
		return "", false
	}
	if len(parts) == 2 {
		whole := found.Name + ":" + found.Tag
		if found.Digest != "" {
			whole += "@" + found.Digest
		}
		return whole, true
	}
	switch parts[2] {
	case "name":
		return found.Name, true
	case "tag":
		return found.Tag, true
	case "digest":
		return found.Digest, true
	}
	return "", false
}

// set walks a document and changes the scalars that have a mark.
func set(node *yaml.RNode, chosen map[string]image) (bool, error) {
	switch node.YNode().Kind {
	case yaml.MappingNode:
		changed := false
		err := node.VisitFields(func(field *yaml.MapNode) error {
			here, err := set(field.Value, chosen)
			changed = changed || here
			return err
		})
		return changed, err
	case yaml.SequenceNode:
		changed := false
		err := node.VisitElements(func(item *yaml.RNode) error {
			here, err := set(item, chosen)
			changed = changed || here
			return err
		})
		return changed, err
	case yaml.ScalarNode:
		// The library resolves the mark in a schema; one that it does not know is no mark.
		meta := fieldmeta.FieldMeta{SettersSchema: schema(chosen)}
		if err := meta.Read(node); err != nil || meta.IsEmpty() {
			return false, nil
		}
		reference := meta.Schema.Ref.String()
		setter := strings.TrimPrefix(reference, fieldmeta.DefinitionsPrefix+fieldmeta.SetterDefinitionPrefix)
		wanted, known := value(chosen, setter)
		if !known || setter == reference {
			return false, nil
		}
		old := node.YNode().Value
		node.YNode().Value = wanted
		yaml.FormatNonStringStyle(node.YNode(), *spec.StringProperty())
		return old != wanted, nil
	}
	return false, nil
}

func schema(chosen map[string]image) *spec.Schema {
	definitions := spec.Definitions{}
	for policy := range chosen {
		for _, suffix := range []string{"", ":name", ":tag", ":digest"} {
			definitions[fieldmeta.SetterDefinitionPrefix+policy+suffix] = *spec.StringProperty()
		}
	}
	return &spec.Schema{SchemaProps: spec.SchemaProps{Definitions: definitions}}
}

func run(folder string) error {
	fieldmeta.SetShortHandRef(mark)
	openapi.SuppressBuiltInSchemaUse()
	var chosen map[string]image
	if err := json.NewDecoder(os.Stdin).Decode(&chosen); err != nil {
		return err
	}
	var changed []string
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() || (filepath.Ext(path) != ".yaml" && filepath.Ext(path) != ".yml") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(content), fmt.Sprintf("%q", mark)) {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		reader := &kio.ByteReader{
			Reader:            strings.NewReader(string(content)),
			SetAnnotations:    map[string]string{kioutil.PathAnnotation: name},
			PreserveSeqIndent: true,
		}
		nodes, err := reader.Read()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		touched := false
		for _, node := range nodes {
			here, err := set(node, chosen)
			if err != nil {
				return err
			}
			if here {
				// Without this the controller would drop the change: it tells changes by the document's metadata.
				if _, err := node.GetMeta(); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
			touched = touched || here
		}
		if !touched {
			return nil
		}
		changed = append(changed, name)
		return kio.LocalPackageWriter{PackagePath: folder}.Write(nodes)
	})
	sort.Strings(changed)
	for _, name := range changed {
		fmt.Println(name)
	}
	return err
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: setter FOLDER <policies.json")
		os.Exit(64)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "setter:", err)
		os.Exit(1)
	}
}
