//! How templates are written.

use minijinja::syntax::SyntaxConfig;

/// As minijinja itself, so that `{%-` means here what its manual says; but a file's last line break stays, so that an
/// included file ends its line.
pub(super) fn syntax() -> SyntaxConfig {
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(false).lstrip_blocks(false).keep_trailing_newline(true);
    syntax.build().unwrap_or_default()
}
