package main

import (
	"context"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// definition is one version of a custom kind.
type definition struct {
	namespaced bool
	structural *structuralschema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

type definitions map[schema.GroupVersionKind]*definition

// load reads the definitions in a file or folder.
func (d definitions) load(path string) error {
	return eachFile(path, nil, func(path string, content []byte) error {
		return eachDocument(content, func(_ int, document []byte) error {
			// A collection may hold other kinds, and config/ of a project templates.
			if !strings.Contains(string(document), "CustomResourceDefinition") {
				return nil
			}
			var resource v1.CustomResourceDefinition
			if err := yaml.Unmarshal(document, &resource); err != nil || resource.Kind != "CustomResourceDefinition" {
				return err
			}
			return d.add(&resource)
		})
	})
}

func (d definitions) add(resource *v1.CustomResourceDefinition) error {
	v1.SetDefaults_CustomResourceDefinition(resource)
	v1.SetDefaults_CustomResourceDefinitionSpec(&resource.Spec)
	for _, version := range resource.Spec.Versions {
		kind := schema.GroupVersionKind{Group: resource.Spec.Group, Version: version.Name, Kind: resource.Spec.Names.Kind}
		if d[kind] != nil || !version.Served || version.Schema == nil {
			continue
		}
		var internal apiextensions.CustomResourceValidation
		if err := v1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, &internal, nil); err != nil {
			return err
		}
		structural, err := structuralschema.NewStructural(internal.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
		if err != nil {
			return err
		}
		d[kind] = &definition{
			namespaced: resource.Spec.Scope == v1.NamespaceScoped,
			structural: structural,
			schema:     validator,
			rules:      cel.NewValidator(structural, true, celconfig.PerCallLimit),
		}
	}
	return nil
}

// judge does what the API server does to a created custom resource, up to the webhooks. Unknown fields are faults, as for kinds of
// Kubernetes' own.
func (d *definition) judge(ctx context.Context, object *unstructured.Unstructured) []string {
	var faults field.ErrorList
	content := object.DeepCopy().UnstructuredContent()
	unknown := pruning.PruneWithOptions(content, d.structural, true, structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		faults = append(faults, field.Forbidden(field.NewPath(path), "field not declared in schema"))
	}
	defaulting.Default(content, d.structural)
	faults = append(faults, validation.ValidateCustomResource(nil, content, d.schema)...)
	faults = append(faults, listtype.ValidateListSetsAndMaps(nil, d.structural, content)...)
	if d.rules != nil && len(faults) == 0 {
		found, _ := d.rules.Validate(ctx, nil, d.structural, content, nil, celconfig.RuntimeCELCostBudget)
		faults = append(faults, found...)
	}
	faults = append(faults, apivalidation.ValidateObjectMetaAccessor(object, d.namespaced, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata"))...)
	var messages []string
	for _, fault := range faults {
		messages = append(messages, fault.Error())
	}
	return messages
}
