//! GEN01xx: what is wrong with a YAML text before it means anything.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors in a YAML file's syntax.
    YamlError {
        /// The file is not valid YAML.
        101 Spec Syntax { problem: String } "invalid YAML: {problem}", "";
        /// A mapping has a duplicate key; readers differ in which one they take.
        102 Spec DuplicateKey { key: String } "duplicate key `{key}`", "keep one of the two";
        /// YAML forbids tabs in indentation, and editors hide them.
        103 Spec Tab {} "tab in the indentation", "indent with spaces";
        /// The file is empty, or has only comments.
        104 Spec Empty {} "the file is empty", "add its keys, or remove the file; see `gen init` for a complete example";
        /// The file holds more than one document, separated by `---`.
        105 Spec SeveralDocuments {} "a second document begins here", "use one document per file: remove the `---`, or split the file";
        /// Files over the limit are not read, so that no file can exhaust the memory.
        106 Spec TooLarge { size: u64, limit: u64 } "the file has {size} bytes, more than the limit of {limit}", "split it: apps can have their own files, listed under `include:`";
        /// The bytes are not UTF-8.
        107 Spec NotUtf8 { offset: usize } "the file is not UTF-8 (byte {offset})", "save it as UTF-8";
        /// Nesting is limited so that no file can exhaust the stack.
        108 Spec TooDeep { limit: usize } "nested more than {limit} levels deep", "";
        /// Aliases repeat their anchor; a few lines can expand to gigabytes.
        109 Spec TooManyNodes { limit: usize } "more than {limit} values once the aliases are expanded", "write less, or use fewer aliases";
        /// Tags change the type of a value in ways that differ between readers.
        110 Spec Tag { tag: String } "unsupported tag `{tag}`", "remove the tag; quote strings";
        /// `<<` is a YAML 1.1 extension that YAML 1.2 dropped.
        111 Spec MergeKey {} "unsupported merge key `<<`", "put shared keys under `defaults:`, or under `\"*\"` of an environment";
        /// A mapping's key is itself a list or a mapping.
        112 Spec ComplexKey {} "a key must be a string", "";
        /// An alias without an anchor before it.
        113 Spec UnknownAlias {} "unknown anchor", "";
        /// Control characters are invisible and can hide content.
        114 Spec ControlCharacter { character: String } "control character {character} is not allowed", "remove it, or escape it inside double quotes";
        /// `git merge` or `git rebase` left both sides in the file.
        115 Spec Conflict {} "a merge conflict is not resolved", "keep what is right of both sides, and remove the lines with `<<<<<<<`, `=======` and `>>>>>>>`";
    }
}
