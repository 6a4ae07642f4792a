//! GEN07xx: patches that cannot be applied.

use crate::error::catalogue::errors;

errors! {
    /// A patch of an environment that cannot be applied as written.
    PatchError {
        /// A patch that matches nothing passes silently elsewhere, and is then missing for months.
        701 Spec NoTarget { target: String, hint: String } "no object is {target}", "{hint}";
        /// Identity, ownership and pins belong to gen; a patch that changed them would break prune and promotion.
        702 Spec Protected { what: String } "a patch may not change {what}", "change it in the spec, where gen can follow it everywhere";
        /// `$patch` has more values in kustomize; gen takes the two that are clear.
        703 Spec Directive { value: String } "`$patch: {value}` is not understood", "`delete` and `replace` are";
        /// A JSON pointer that leads nowhere.
        704 Spec Pointer { pointer: String, problem: String } "`{pointer}` {problem}", "see the object with `gen render --stdout`; `~1` stands for `/` and `~0` for `~`";
        /// A `test` operation that found another value.
        705 Spec TestFailed { pointer: String, found: String } "the test of `{pointer}` failed: it is {found}", "";
        /// An item of a list that Kubernetes merges by a key lacks that key.
        706 Spec MergeKeyMissing { list: String, key: String } "an item of `{list}` lacks its merge key `{key}`", "Kubernetes merges this list by `{key}`: name it in every item";
        /// `$patch: delete` names an item that is not there.
        707 Spec NothingToDelete { what: String } "nothing to delete: {what} is not there", "";
        /// The patch puts a value of another shape in the place of a mapping or a list.
        708 Spec Shape { path: String, found: String, patch: String } "`{path}` is {found}, the patch has {patch}", "use `json:` with `op: replace` where this is meant";
        /// An operation that RFC 6902 does not have, or with missing fields.
        709 Spec Operation { problem: String } "{problem}", "an operation has `op` (add, remove, replace, move, copy, test), `path`, and `value` or `from`";
    }
}
