//! GEN07xx: patches that cannot be applied.

use crate::diagnostics::catalogue::errors;

errors! {
    /// A patch of an environment that cannot be applied as written.
    PatchError {
        /// A patch that matches nothing passes silently elsewhere, and is then missing for months.
        701 Spec NoTarget { target: String, hint: String } "the patch is for {target}, and there is none", "{hint}";
        /// Identity, ownership and pins belong to gen; a patch that changed them would break prune and promotion.
        702 Spec Protected { what: String, hint: String } "a patch may not change {what}", "{hint}";
        /// Kubernetes has more directives, which are written by machines; gen takes the two that are clear to read.
        703 Spec Directive { directive: String } "`{directive}` is not understood", "a merge patch takes `$patch: delete` and `$patch: replace`; for all else there is `json:`";
        /// A JSON pointer that leads nowhere.
        704 Spec Pointer { pointer: String, problem: String } "`{pointer}` {problem}", "see the object with `gen render --stdout`; `~1` stands for `/` and `~0` for `~`";
        /// A `test` operation that found another value.
        705 Spec TestFailed { pointer: String, found: String } "the test of `{pointer}` failed: it is {found}", "";
        /// An item of a list that Kubernetes merges by a key lacks that key.
        706 Spec MergeKeyMissing { list: String, key: String } "an item of `{list}` lacks its merge key `{key}`", "this list is merged by `{key}`: name it in every item";
        /// `$patch: delete` names an item that is not there.
        707 Spec NothingToDelete { what: String } "nothing to delete: {what} is not there", "";
        /// The patch puts a value of another shape in the place of a mapping or a list.
        708 Spec Shape { path: String, found: String, patch: String } "`{path}` is {found}, the patch has {patch}", "use `json:` with `op: replace` where this is meant";
        /// An operation that RFC 6902 does not have, or with missing fields.
        709 Spec Operation { problem: String } "{problem}", "an operation has `op` (add, remove, replace, move, copy, test), `path`, and `value` or `from`";
        /// A list without a merge key is replaced whole, so a merge patch cannot take one item out of it.
        710 Spec WholeList { list: String } "`{list}` has no merge key, so no item of it can be deleted", "write the list as it shall be, or use `json:` with `op: remove`";
        /// Copies of copies grow without end, and what nests too deep cannot be read again.
        711 Spec TooLarge { problem: String } "the patch makes the object {problem}", "";
    }
}
