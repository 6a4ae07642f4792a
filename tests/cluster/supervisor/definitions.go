package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
)

var definitionResource = schema.GroupVersionResource{
	Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
}

// load reads the CustomResourceDefinitions under some paths, creates them and waits until the API server serves them.
// Of two with one name the first is taken. The result says which folder gave how many.
func load(client dynamic.Interface, paths []string, webhooks []*webhook) ([]string, error) {
	var names, said []string
	for _, path := range paths {
		found, err := definitions(path)
		if err != nil {
			return nil, err
		}
		count := 0
		for _, definition := range found {
			convertedBy(definition, webhooks)
			if slices.Contains(names, definition.GetName()) {
				continue
			}
			names = append(names, definition.GetName())
			count++
			_, err := client.Resource(definitionResource).Create(context.Background(), definition, meta.CreateOptions{})
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path, definition.GetName(), err)
			}
		}
		said = append(said, fmt.Sprintf("%d from %s", count, path))
	}
	for _, name := range names {
		err := eventually("the definition "+name+" is not served", func(ctx context.Context) error {
			definition, err := client.Resource(definitionResource).Get(ctx, name, meta.GetOptions{})
			if err != nil {
				return err
			}
			return established(definition)
		})
		if err != nil {
			return nil, err
		}
	}
	return said, nil
}

func established(definition *unstructured.Unstructured) error {
	conditions, _, _ := unstructured.NestedSlice(definition.Object, "status", "conditions")
	for _, each := range conditions {
		condition, _ := each.(map[string]any)
		if condition["type"] == "NamesAccepted" && condition["status"] == "False" {
			return fmt.Errorf("%v", condition["message"])
		}
		if condition["type"] == "Established" && condition["status"] == "True" {
			return nil
		}
	}
	return errors.New("not yet established")
}

func definitions(path string) ([]*unstructured.Unstructured, error) {
	var found []*unstructured.Unstructured
	err := filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".yaml" {
			return err
		}
		read, err := documents(file)
		for _, object := range read {
			if object.GroupVersionKind().Group == definitionResource.Group {
				found = append(found, object)
			}
		}
		return err
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%s holds no CustomResourceDefinition", path)
	}
	return found, err
}

// documents are the objects of a file.
func documents(file string) ([]*unstructured.Unstructured, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	var found []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(opened, 4096)
	for {
		object := map[string]any{}
		err := decoder.Decode(&object)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(object) > 0 {
			found = append(found, &unstructured.Unstructured{Object: object})
		}
	}
}
