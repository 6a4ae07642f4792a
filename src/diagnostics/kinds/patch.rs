//! GEN07xx: patches that cannot be applied.

use crate::diagnostics::catalogue::errors;

errors! {
    /// An environment's patch that cannot be applied.
    PatchError {
        /// A patch that matches nothing would fail silently and go unnoticed for months.
        701 Spec NoTarget { target: String, hint: String } "no object matches the patch for {target}", "{hint}";
        /// Identity, ownership and pins are managed by gen; changing them would break prune and promotion.
        702 Spec Protected { what: String, hint: String } "a patch cannot change {what}", "{hint}";
        /// Kubernetes has more directives, meant for machines; gen supports two.
        703 Spec Directive { directive: String } "unsupported directive `{directive}`", "use `$patch: delete` or `$patch: replace`; for anything else, use `json:`";
        /// A JSON pointer without a target.
        704 Spec Pointer { pointer: String, problem: String } "`{pointer}` {problem}", "inspect the object with `gen render --stdout`; escape `/` as `~1` and `~` as `~0`";
        /// A `test` operation found another value.
        705 Spec TestFailed { pointer: String, found: String } "test of `{pointer}` failed: the value is {found}", "";
        /// An item of a keyed list lacks its merge key.
        706 Spec MergeKeyMissing { list: String, key: String } "missing merge key `{key}` in an item of `{list}`", "set `{key}` in every item";
        /// `$patch: delete` for an item that does not exist.
        707 Spec NothingToDelete { what: String } "nothing to delete: {what} does not exist", "";
        /// The patch replaces a mapping or a list by a value of another type.
        708 Spec Shape { path: String, found: String, patch: String } "`{path}` is {found}, the patch has {patch}", "if intended, use `json:` with `op: replace`";
        /// An operation unknown to RFC 6902, or with missing fields.
        709 Spec Operation { problem: String } "{problem}", "set `op` (add, remove, replace, move, copy, test), `path`, and `value` or `from`";
        /// A list without a merge key is replaced as a whole, so a merge patch cannot delete one item.
        710 Spec WholeList { list: String } "cannot delete an item of `{list}`: it has no merge key", "write the whole list, or use `json:` with `op: remove`";
        /// Repeated copies grow without bound, and deep nesting cannot be read back.
        711 Spec TooLarge { problem: String } "the patch makes the object {problem}", "";
        /// Kubernetes reads YAML 1.1, where `0400` is octal and `yes` true.
        712 Spec ReadOtherwise { text: String } "Kubernetes reads unquoted `{text}` differently: its YAML has octal numbers, `yes` and `no`", "quote a string; write a number in decimal (`256` for 0400), and a boolean as `true` or `false`";
        /// The API server would reject the patched object: an unknown or missing field, or a value of another type.
        713 Spec Misfit { object: String, path: String, what: String } "after this patch, `{path}` of {object} {what}", "see the fields with `kubectl explain`";
    }
}
