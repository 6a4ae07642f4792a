//! SVG, for a page or by itself.

use std::fmt::Write as _;

use super::layout::{LETTERS, layout};
use super::nodes::{Graph, printable};

/// The style of the drawing, in light and dark; a page that shows several has it once.
pub const STYLE: &str = ".graph{--g-line:#57606a;--g-box:#ffffff;--g-edge:#8c959f;--g-text:#1f2328;--g-soft:#57606a;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\
@media (prefers-color-scheme:dark){.graph{--g-line:#9198a1;--g-box:#161b22;--g-edge:#7d8590;--g-text:#e6edf3;--g-soft:#9da7b3}}\
.graph rect{fill:var(--g-box);stroke:var(--g-edge)}.graph rect.end{stroke-dasharray:4 3}.graph path{fill:none;stroke:var(--g-line);stroke-width:1.4}\
.graph path.tip{fill:var(--g-line);stroke:none}.graph text{fill:var(--g-text);font-size:13px}.graph text.soft{fill:var(--g-soft);font-size:11px}";

/// The drawing. `is_alone`: it is a file of its own, and holds its style; the `id` tells several on a page apart.
#[must_use]
pub fn svg(graph: &Graph, is_alone: bool, id: &str) -> String {
    let layout = layout(graph);
    let id = escaped(id);
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" role=\"img\" aria-labelledby=\"{id}\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {0} {1}\"><title id=\"{id}\">{}</title>",
        layout.width,
        layout.height,
        escaped(&described(graph)),
    );
    if is_alone {
        let _ = write!(
            out,
            "<style>{STYLE}svg{{background:#ffffff}}@media (prefers-color-scheme:dark){{svg{{background:#0d1117}}}}</style>"
        );
    }
    for line in &layout.lines {
        out.push_str("<path d=\"");
        for (place, (x, y)) in line.iter().enumerate() {
            match place.checked_sub(1).map(|before| line[before]) {
                None => drop(write!(out, "M{x} {y}")),
                // From column to column in a curve, past a column straight.
                Some((before, above)) if place % 2 == 1 => {
                    let middle = usize::midpoint(before, *x);
                    let _ = write!(out, "C{middle} {above} {middle} {y} {x} {y}");
                }
                Some(_) => drop(write!(out, "L{x} {y}")),
            }
        }
        out.push_str("\"/>");
        if let Some((x, y)) = line.last() {
            let _ = write!(out, "<path class=\"tip\" d=\"M{x} {y}l-7 -4v8z\"/>");
        }
    }
    if let Some(y) = layout.end {
        let _ = write!(out, "<text class=\"soft\" x=\"16\" y=\"{}\">finally</text>", y + 18);
    }
    for (node, rect) in graph.nodes.iter().zip(&layout.boxes) {
        let class = if node.at_end { " class=\"end\"" } else { "" };
        let (x, y) = (rect.x, rect.y);
        let label = markup(&cut(&printable(&node.label)));
        let _ = write!(
            out,
            "<g><title>{}</title><rect{class} x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"6\"/>",
            escaped(&[node.label.as_str(), node.detail.as_str()].join(" ")),
            rect.width,
            rect.height,
        );
        let first = if node.detail.is_empty() { y + 26 } else { y + 18 };
        let _ = write!(out, "<text x=\"{}\" y=\"{first}\">{label}</text>", x + 12);
        if !node.detail.is_empty() {
            let _ = write!(
                out,
                "<text class=\"soft\" x=\"{}\" y=\"{}\">{}</text>",
                x + 12,
                y + 33,
                markup(&cut(&printable(&node.detail)))
            );
        }
        out.push_str("</g>");
    }
    out.push_str("</svg>");
    if is_alone {
        out.push('\n');
    }
    out
}

/// The graph in words, for those who do not see it.
fn described(graph: &Graph) -> String {
    let names = |node: usize| {
        let before = graph.edges.iter().filter(|(_, to)| *to == node);
        before.map(|(from, _)| graph.nodes[*from].label.as_str()).collect::<Vec<_>>().join(", ")
    };
    let parts = graph.nodes.iter().enumerate().map(|(index, node)| {
        let before = names(index);
        match (node.at_end, before.is_empty()) {
            (true, _) => format!("{} finally", node.label),
            (_, true) => node.label.clone(),
            _ => format!("{} after {before}", node.label),
        }
    });
    format!("{}: {}", graph.title, parts.collect::<Vec<_>>().join("; "))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    text.chars().take(LETTERS - 1).chain(['…']).collect()
}

fn escaped(text: &str) -> String {
    markup(&printable(text))
}

/// A text as markup shows it, between tags and in quoted attributes.
#[must_use]
pub fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
