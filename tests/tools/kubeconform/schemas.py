#!/usr/bin/env python3
"""Writes JSON schemas as kubeconform reads them, from the API server's OpenAPI document and CustomResourceDefinitions.

usage: schemas.py FOLDER OPENAPI [CRD…]     a CRD is a file, or a folder of them

Each kind is a file, KIND-GROUP-VERSION.json, in which all that it refers to stands, as its authors' own script makes them.
"""

import json
import pathlib
import sys

import yaml

# Kinds are objects of these keys only; kubeconform's `-strict` schemas say so.
CLOSED = {"additionalProperties": False}


def closed(schema, definitions, seen):
    """A schema with its references put in, and no other keys than it names."""
    if isinstance(schema, list):
        return [closed(one, definitions, seen) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name.endswith(("IntOrString", "Quantity")):
            return {"oneOf": [{"type": "string"}, {"type": "number"}]}
        if name in seen:  # JSONSchemaProps refer to themselves
            return {}
        return closed(definitions[name], definitions, seen | {name})
    made = {
        key: {name: closed(one, definitions, seen) for name, one in value.items()}
        if key == "properties"
        else closed(value, definitions, seen)
        for key, value in schema.items()
        if key in ("type", "properties", "items", "required", "enum", "additionalProperties")
    }
    if "properties" in made and not schema.get("x-kubernetes-preserve-unknown-fields"):
        made = CLOSED | made
    if schema.get("x-kubernetes-int-or-string"):
        made = {"oneOf": [{"type": "string"}, {"type": "number"}]}
    return made


def write(folder, kind, group, version, schema):
    first = group.split(".")[0]
    name = "-".join(part for part in (kind, first, version) if part).lower()
    (folder / f"{name}.json").write_text(json.dumps(schema))


def main():
    folder, document, *crds = map(pathlib.Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    definitions = json.loads(document.read_text())["definitions"]
    for name, schema in definitions.items():
        for kind in schema.get("x-kubernetes-group-version-kind", []):
            if "metadata" in schema.get("properties", {}):
                made = closed(schema, definitions, {name})
                write(folder, kind["kind"], kind["group"], kind["version"], made)
    metadata = closed(
        {"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}, definitions, frozenset()
    )
    files = [file for crd in crds for file in (sorted(crd.rglob("*.yaml")) if crd.is_dir() else [crd])]
    for file in files:
        for crd in yaml.safe_load_all(file.read_text()):
            if not crd or crd.get("kind") != "CustomResourceDefinition":
                continue
            spec = crd["spec"]
            for version in spec["versions"]:
                made = closed(version["schema"]["openAPIV3Schema"], {}, frozenset())
                own = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": metadata}
                if "properties" in made:
                    made["properties"] |= own
                write(folder, spec["names"]["kind"], spec["group"], version["name"], made)


if __name__ == "__main__":
    main()
