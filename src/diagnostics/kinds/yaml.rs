//! GEN01xx: what is wrong with a YAML text before it means anything.

use crate::diagnostics::catalogue::errors;

errors! {
    /// What is wrong with a YAML text before it means anything.
    YamlError {
        /// The parser cannot make sense of the text.
        101 Spec Syntax { problem: String } "this is not YAML: {problem}", "";
        /// A mapping has the same key twice; readers differ in which of the two they take.
        102 Spec DuplicateKey { key: String } "the key `{key}` is written twice", "keep one of the two";
        /// YAML forbids tabs in indentation, and editors hide them.
        103 Spec Tab {} "a tab in the indentation", "indent with spaces";
        /// Nothing is in the file, or only comments.
        104 Spec Empty {} "the file is empty", "write its keys, or remove the file; `gen init` shows a complete example";
        /// The file holds more than one document, separated by `---`.
        105 Spec SeveralDocuments {} "a second document begins here", "one document a file: remove the `---`, or split the file";
        /// Files over the limit are refused before they are read, so that no file can exhaust the memory.
        106 Spec TooLarge { size: u64, limit: u64 } "the file has {size} bytes, more than the limit of {limit}", "split it; apps may live in files of their own, named under `include:`";
        /// The bytes are not UTF-8.
        107 Spec NotUtf8 { offset: usize } "the file is not UTF-8 (byte {offset})", "save it as UTF-8";
        /// Nesting is limited so that no file can exhaust the stack.
        108 Spec TooDeep { limit: usize } "nested more than {limit} levels deep", "";
        /// Aliases repeat what they name; a few lines of them can stand for gigabytes.
        109 Spec TooManyNodes { limit: usize } "more than {limit} values once the aliases are expanded", "write less, or repeat less by `*alias`";
        /// Tags change the type of a value in ways that differ between readers.
        110 Spec Tag { tag: String } "the tag `{tag}` is not understood here", "remove the tag; quote what must be a text";
        /// `<<` is a YAML 1.1 extension that YAML 1.2 dropped.
        111 Spec MergeKey {} "the merge key `<<` is not understood", "put what is shared under `defaults:`, or under `\"*\"` of an environment";
        /// A mapping's key is itself a list or a mapping.
        112 Spec ComplexKey {} "a key must be a text", "";
        /// An alias names an anchor that does not stand before it.
        113 Spec UnknownAlias {} "this alias has no anchor", "";
        /// Control characters are invisible and can hide what a file says.
        114 Spec ControlCharacter { character: String } "the control character {character} may not stand in a file", "remove it; inside double quotes it can be written as an escape";
    }
}
