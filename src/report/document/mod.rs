//! A page in one file that asks nothing of the network.
//!
//! All text is put in by a template that escapes it. The policy in the head allows the style and the script of the page by their
//! hashes and nothing else, so that a text that got through would still do nothing.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::{AutoEscape, Environment, Value, context, escape_formatter};
use sha2::{Digest, Sha256};

use crate::diagnostics::visible;
use crate::graph::markup;

/// What every page has around its own parts.
const DOCUMENT: &str = include_str!("document.html");
/// Macros of several pages.
const WORDS: &str = include_str!("words.html");
/// The style of every page.
pub(super) const STYLE: &str = include_str!("style.css");

/// The engine for pages in this style. A page extends `document.html`, which takes `title`, `style_hash` and `script_hash`.
///
/// # Panics
/// Never but by a fault of the templates, which are part of gen.
pub(super) fn engine(style: String) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| AutoEscape::Html);
    // As the engine does it, but `/` stands for itself: paths are most of a page.
    engine.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => Ok(out.write_str(&markup(&visible(text)))?),
        _ => escape_formatter(out, state, value),
    });
    engine.add_filter("spans", spans);
    let words = WORDS.trim_end().to_owned();
    for (name, text) in
        [("document.html", DOCUMENT.to_owned()), ("words.html", words), ("style.css", style)]
    {
        engine.add_template_owned(name, text).expect("the template is part of gen");
    }
    engine
}

/// A page without a script, from a template that extends `document.html`.
///
/// # Panics
/// Never but by a fault of the template, which is part of gen.
pub(super) fn document(title: &str, template: &'static str, page: Value) -> String {
    let style = STYLE.trim_end();
    let mut engine = engine(style.to_owned());
    engine.add_template("page.html", template).expect("the template is part of gen");
    let template = engine.get_template("page.html").expect("it was just added");
    let made =
        template.render(context! { title => title, style_hash => hash(style), page => page });
    made.expect("the template is part of gen")
}

/// The filter `spans`, for the macro `code`: the parts of a text, and which of them stands between backticks.
fn spans(text: &str) -> Vec<Value> {
    let mut spans = Vec::new();
    let mut parts = text.split('`').peekable();
    let mut is_code = false;
    while let Some(part) = parts.next() {
        // The last backtick without another one stands for itself.
        let is_alone = is_code && parts.peek().is_none();
        let text = if is_alone { format!("`{part}") } else { part.to_owned() };
        if !text.is_empty() {
            spans.push(context! { text => text, is_code => is_code && !is_alone });
        }
        is_code = !is_code;
    }
    spans
}

/// A source as a policy allows it.
pub(super) fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_stands_between_backticks() {
        let shown = |text: &str| {
            let template = "{%- from 'words.html' import code -%}{{ code(text) }}";
            let engine = engine(String::new());
            engine
                .render_named_str("page.html", template, context! { text => text })
                .expect("a text")
        };
        assert_eq!(shown("set `a.b`, not `c`"), "set <code>a.b</code>, not <code>c</code>");
        assert_eq!(shown("one ` alone"), "one ` alone");
        assert_eq!(shown("`<b>` & `"), "<code>&lt;b&gt;</code> &amp; `");
        assert_eq!(shown(""), "");
    }

    /// A page of a template has the policy for its own style, and escapes what it is given.
    #[test]
    fn what_a_page_is_given_is_text() {
        let template =
            "{%- extends 'document.html' -%}{% block main %}<p>{{ page }}</p>\n{% endblock %}";
        let page = document("<title>", template, Value::from("<script>alert(1)</script>\u{1b}"));
        assert!(page.contains("<h1>&lt;title&gt;</h1>"), "{page}");
        assert!(page.contains("<p>&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
        assert!(!page.contains("<script") && !page.contains('\u{1b}'), "{page}");
        let style = page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next());
        let policy = format!("style-src '{}'; base-uri", hash(style.expect("a style")));
        assert!(page.contains(&policy), "{page}");
    }
}
