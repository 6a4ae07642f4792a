//! The table of kinds and fields that gen has: it is what the projects' own documents say.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use gitops_gen::kubernetes::definitions::{Definitions, Fields, Kind, Type, check};
use gitops_gen::kubernetes::documents;
use serde_json::Value as Json;

use crate::support::needs;

const TABLE: &str = "src/kubernetes/definitions/table.txt";

/// The words of fields that take only some, by the name of the object's type and the field. The document says them in prose only; the
/// types that it is made from mark them with `+enum`.
#[derive(Default)]
pub struct Enums {
    /// Package and type → words.
    words: BTreeMap<(String, String), Vec<String>>,
    /// Package, type and field → package and type of the field.
    fields: BTreeMap<(String, String, String), (String, String)>,
}

impl Enums {
    /// Reads the `types.go` of every group and version in a folder.
    fn read(folder: &Path) -> Self {
        let mut enums = Self::default();
        for file in walkdir::WalkDir::new(folder).sort_by_file_name() {
            let path = file.expect("a folder").into_path();
            if path.file_name().is_some_and(|name| name == "types.go") {
                let package = path.parent().and_then(|parent| parent.strip_prefix(folder).ok());
                let package = package.expect("below").to_string_lossy().into_owned();
                enums.source(&package, &std::fs::read_to_string(&path).expect("a file"));
            }
        }
        enums
    }

    fn source(&mut self, package: &str, text: &str) {
        let (mut is_marked, mut object) = (false, None);
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["//", "+enum"] => is_marked = true,
                ["//", ..] => {}
                ["type", name, "string"] => {
                    if is_marked {
                        self.words.insert((package.to_owned(), name.to_owned()), Vec::new());
                    }
                    is_marked = false;
                }
                ["type", name, "struct", "{"] => object = Some(name.to_owned()),
                ["}"] => object = None,
                [_, of, "=", word, ..] if word.starts_with('"') => {
                    if let Some(words) = self.words.get_mut(&(package.to_owned(), of.to_owned())) {
                        // Words with spaces are none that the table holds.
                        let word = word.strip_prefix('"').and_then(|word| word.strip_suffix('"'));
                        words.push(word.unwrap_or_default().to_owned());
                    }
                }
                [_, of, tag, ..] if tag.starts_with("`json:\"") => {
                    let Some(object) = &object else { continue };
                    let field = tag.trim_start_matches("`json:\"").split([',', '"']).next();
                    let of = of.trim_start_matches("[]").trim_start_matches('*');
                    let of = match of.split_once('.') {
                        Some(("v1", name)) => ("core/v1".to_owned(), name.to_owned()),
                        _ => (package.to_owned(), of.to_owned()),
                    };
                    let field = field.unwrap_or_default().to_owned();
                    self.fields.insert((package.to_owned(), object.clone(), field), of);
                }
                _ => is_marked = false,
            }
        }
    }

    /// The words of a field of a type with a name as in the document.
    fn of(&self, name: &str, field: &str) -> Option<&Vec<String>> {
        let mut parts = name.strip_prefix("io.k8s.api.")?.split('.');
        let package = format!("{}/{}", parts.next()?, parts.next()?);
        let of = self.fields.get(&(package, parts.next()?.to_owned(), field.to_owned()))?;
        self.words.get(of).filter(|words| words.iter().all(|word| !word.is_empty()))
    }
}

/// From the OpenAPI document of the API server to definitions.
struct OpenApi<'a> {
    document: &'a Json,
    enums: Enums,
    made: Definitions,
    known: HashMap<String, Type>,
}

impl OpenApi<'_> {
    fn of(&mut self, schema: &Json) -> Type {
        if let Some(name) = schema["$ref"].as_str() {
            return self.named(name.trim_start_matches("#/definitions/"));
        }
        let format = schema["format"].as_str().unwrap_or_default();
        match schema["type"].as_str() {
            Some("string") if format == "int-or-string" => Type::IntOrText,
            Some("string") => {
                let words = schema["enum"].as_array().map(Vec::as_slice).unwrap_or_default();
                Type::Text(words.iter().filter_map(Json::as_str).map(str::to_owned).collect())
            }
            Some("integer") => Type::Int,
            Some("number") => Type::Number,
            Some("boolean") => Type::Bool,
            Some("array") => Type::List(Box::new(self.of(&schema["items"]))),
            Some("object") if schema["additionalProperties"].is_object() => {
                Type::Map(Box::new(self.of(&schema["additionalProperties"])))
            }
            _ => Type::Any,
        }
    }

    fn named(&mut self, name: &str) -> Type {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        // What is within itself is anything.
        self.known.insert(name.to_owned(), Type::Any);
        let document = self.document;
        let schema = &document["definitions"][name];
        let made = match name {
            "io.k8s.apimachinery.pkg.api.resource.Quantity" => Type::Quantity,
            // Describes itself, and is nothing that gen takes.
            name if name.starts_with("io.k8s.apiextensions-apiserver.") => Type::Any,
            _ if schema["properties"].is_object() => {
                let required = schema["required"].as_array().cloned().unwrap_or_default();
                let properties: BTreeMap<&String, &Json> =
                    schema["properties"].as_object().into_iter().flatten().collect();
                let fields = properties.into_iter().map(|(field, of)| {
                    let is_required = required.iter().any(|name| name.as_str() == Some(field));
                    // Nobody writes it.
                    let of = if field == "status" { Type::Any } else { self.of(of) };
                    let of = match (of, self.enums.of(name, field)) {
                        (Type::Text(_), Some(words)) => Type::Text(words.clone()),
                        (Type::List(item), Some(words)) if *item == Type::Text(Vec::new()) => {
                            Type::List(Box::new(Type::Text(words.clone())))
                        }
                        (of, _) => of,
                    };
                    (field.clone(), is_required, of)
                });
                let fields = fields.collect();
                self.made.add_fields(Fields { open: false, fields })
            }
            _ => self.of(&serde_json::json!({"type": schema["type"], "format": schema["format"]})),
        };
        self.known.insert(name.to_owned(), made.clone());
        made
    }

    /// Every kind that can be created.
    fn kinds(&mut self) {
        let paths = self.document["paths"].as_object().expect("paths");
        for (path, operations) in paths {
            let created = &operations["post"];
            let of = &created["x-kubernetes-group-version-kind"];
            let (Some(group), Some(version), Some(kind)) =
                (of["group"].as_str(), of["version"].as_str(), of["kind"].as_str())
            else {
                continue;
            };
            // `…/namespaces/{namespace}/pods`, but nothing of one object.
            let below = path.replace("/namespaces/{namespace}/", "/");
            if below.contains('{') {
                continue;
            }
            let api_version =
                if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
            let body =
                created["parameters"].as_array().into_iter().flatten().find(|p| p["in"] == "body");
            let root = self.of(&body.expect("a body")["schema"]);
            let plural = path.rsplit('/').next().expect("a name").to_owned();
            let is_namespaced = path.contains("{namespace}");
            self.made.add(&api_version, kind, Kind { plural, is_namespaced, root });
        }
    }
}

fn yaml_files(place: &Path, into: &mut Vec<PathBuf>) {
    if place.is_file() {
        into.push(place.to_owned());
        return;
    }
    let mut entries: Vec<PathBuf> = std::fs::read_dir(place)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() || path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            yaml_files(&path, into);
        }
    }
}

/// The table, anew from the API server's OpenAPI document and the CRDs.
fn made(document: &Path, types: &Path, places: &[PathBuf]) -> Definitions {
    let enums = Enums::read(types);
    // The positive control.
    assert_eq!(enums.of("io.k8s.api.core.v1.Container", "imagePullPolicy").map(Vec::len), Some(3));
    let (mut made, metadata) = of_document(document, enums);
    add_crds(&mut made, places, &metadata);
    made
}

/// Definitions from an OpenAPI document, and the type of `metadata`.
pub fn of_document(document: &Path, enums: Enums) -> (Definitions, Type) {
    let text = std::fs::read_to_string(document).expect("a document");
    let document: Json = serde_json::from_str(&text).expect("JSON");
    let mut open =
        OpenApi { enums, document: &document, made: Definitions::default(), known: HashMap::new() };
    open.kinds();
    let metadata = open.named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta");
    (open.made, metadata)
}

/// Adds the CRDs below some places. Of a kind that is defined twice the first counts.
pub fn add_crds(made: &mut Definitions, places: &[PathBuf], metadata: &Type) {
    let mut files = Vec::new();
    for place in places {
        yaml_files(place, &mut files);
    }
    let mut seen = BTreeSet::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a file");
        for crd in
            documents(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()))
        {
            if crd.str_at(&["kind"]) != Some("CustomResourceDefinition")
                || !seen.insert(crd.str_at(&["metadata", "name"]).expect("a name").to_owned())
            {
                continue;
            }
            made.add_crd(&crd, metadata)
                .unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
        }
    }
}

#[test]
fn the_table_is_what_the_projects_say() {
    let Some(document) = needs::variable("GEN_TEST_OPENAPI", "tests/tools/setup openapi") else {
        return;
    };
    let document: Vec<PathBuf> = std::env::split_paths(&document).collect();
    let [document, types] = &document[..] else { panic!("GEN_TEST_OPENAPI has two paths") };
    let Some(places) = needs::variable("GEN_TEST_DEFINITIONS", "tests/tools/setup definitions")
    else {
        return;
    };
    // Without the folder beside the repository the tests have definitions of their own of some kinds, which are no projects'.
    let places: Vec<PathBuf> = std::env::split_paths(&places).collect();
    if !places.iter().any(|place| place.ends_with("shared/crds")) {
        return needs::skip("there is no ../shared/crds");
    }
    let head = "// Written by `UPDATE=1 cargo test --test system definitions`, from the documents that tests/tools/setup names.\n";
    let text = format!("{head}{}", made(document, types, &places).to_text());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let there = std::fs::read_to_string(&path).expect("the table");
    let differs = there.lines().zip(text.lines()).find(|(there, made)| there != made);
    assert_eq!(differs, None, "the first line that differs, there and made");
    assert_eq!(there.len(), text.len());
    // Read and written again, it is the same.
    assert_eq!(format!("{head}{}", Definitions::read(&there).to_text()), there);
}

/// Every object of the golden trees that Flux applies and can read, with its file.
pub fn rendered() -> Vec<(PathBuf, gitops_gen::yaml::Value)> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut all = Vec::new();
    for file in walkdir::WalkDir::new(golden) {
        let path = file.expect("a folder").into_path();
        let is_output = path.components().any(|part| part.as_os_str() == "out");
        if !is_output || path.extension().is_none_or(|end| end != "yaml") {
            continue;
        }
        let objects = documents(&std::fs::read_to_string(&path).expect("a file")).expect("YAML");
        let is_open = |object: &gitops_gen::yaml::Value| object.get("sops").is_none();
        all.extend(objects.into_iter().filter(is_open).map(|object| (path.clone(), object)));
    }
    all
}

/// What gen renders itself has no misfits: whatever is refused comes of the user's.
#[test]
fn everything_rendered_fits() {
    let (mut fitting, mut unknown) = (0, 0);
    for (path, object) in rendered() {
        // Of some objects a case selects only parts.
        let Some(version) = object.str_at(&["apiVersion"]) else { continue };
        let kind = object.str_at(&["kind"]).unwrap_or_default();
        let known = Definitions::built_in().kind(version, kind);
        let Some(known) = known.filter(|known| known.fields.is_some()) else {
            unknown += 1;
            continue;
        };
        assert_eq!(check(known, &object), [], "{}", path.display());
        fitting += 1;
    }
    println!("{fitting} objects fit, of {unknown} the fields are not known");
    assert!(fitting > 500 && unknown * 4 < fitting, "{fitting} of {}", fitting + unknown);
}
