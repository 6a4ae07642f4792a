//! Tags of HTML and SVG, as far as links and nesting need them.

/// A start or end tag.
#[derive(Debug)]
pub struct Tag {
    /// In lower case; `/NAME` ends an element.
    pub name: String,
    /// Attributes with their values, entities resolved.
    pub attributes: Vec<(String, String)>,
    /// It has no content: `<NAME/>`.
    pub is_empty: bool,
}

impl Tag {
    /// The value of an attribute.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The tags of a page in order, without those in comments, scripts and styles.
pub fn tags(text: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            continue;
        }
        let (tag, after) = tag(rest);
        rest = after;
        if matches!(tag.name.as_str(), "script" | "style") && !tag.is_empty {
            let end = format!("</{}", tag.name);
            rest = rest.find(&end).map_or("", |end| &rest[end..]);
        }
        tags.push(tag);
    }
    tags
}

/// The tag at the start of a text, after its `<`, and what follows it.
fn tag(text: &str) -> (Tag, &str) {
    let is_end = |c: char| c.is_ascii_whitespace() || c == '>';
    // Not the slash of an end tag, which comes first.
    let named = text[1..].find(|c| is_end(c) || c == '/').map_or(text.len(), |end| end + 1);
    let name = text[..named].to_ascii_lowercase();
    let mut tag = Tag { name, attributes: Vec::new(), is_empty: false };
    let mut rest = &text[named..];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        if let Some(after) = rest.strip_prefix('/') {
            tag.is_empty = true;
            rest = after;
            continue;
        }
        let end = rest.find(|c: char| is_end(c) || c == '=' || c == '/').unwrap_or(rest.len());
        if end == 0 {
            // The text ends within the tag, or it is no attribute.
            let Some(next) = rest.chars().next() else { return (tag, rest) };
            rest = &rest[next.len_utf8()..];
            continue;
        }
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quoted = after.strip_prefix(['"', '\'']);
            (value, rest) = match quoted {
                Some(inner) => inner.split_once(&after[..1]).unwrap_or((inner, "")),
                None => after.split_at(after.find(is_end).unwrap_or(after.len())),
            };
        }
        tag.attributes.push((name, plain(value)));
    }
}

/// A value without entities.
fn plain(value: &str) -> String {
    let entities = [
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(value.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[test]
fn tags_are_read() {
    let text = "<!-- <a href=no> --><p>1 < 2 <A HREF='a&amp;b' id=x title=\"<b>\">t</a><br/><img src=a.svg/>\
        <script>\"<a href=no>\"</script><style>b > c { d: '<e>' }</style>";
    let names: Vec<String> = tags(text).into_iter().map(|tag| tag.name).collect();
    assert_eq!(names, ["p", "a", "/a", "br", "img", "script", "/script", "style", "/style"]);
    let tags = tags(text);
    assert_eq!(tags[1].get("href"), Some("a&b"));
    assert_eq!((tags[1].get("id"), tags[1].get("title")), (Some("x"), Some("<b>")));
    assert!(tags[3].is_empty);
    assert_eq!(tags[4].get("src"), Some("a.svg/"), "a slash belongs to a value without quotes");
}
