//! Mermaid, which code hosts draw in Markdown.

use std::fmt::Write as _;

use super::nodes::{Graph, printable};

/// The graph as a flowchart.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut out = "flowchart LR\n".to_owned();
    let node = |out: &mut String, index: usize| {
        let node = &graph.nodes[index];
        let _ = write!(out, "  n{index}[\"{}", escaped(&node.label));
        if !node.detail.is_empty() {
            let _ = write!(out, "<br/>{}", escaped(&node.detail));
        }
        out.push_str("\"]\n");
    };
    let end: Vec<usize> = (0..graph.nodes.len()).filter(|at| graph.nodes[*at].at_end).collect();
    (0..graph.nodes.len()).filter(|at| !end.contains(at)).for_each(|at| node(&mut out, at));
    for (from, to) in &graph.edges {
        let _ = writeln!(out, "  n{from} --> n{to}");
    }
    if !end.is_empty() {
        out.push_str("  subgraph finally\n");
        for at in &end {
            node(&mut out, *at);
        }
        out.push_str("  end\n");
    }
    out
}

/// Whatever Mermaid could take for its own becomes a code.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text).chars() {
        if c.is_ascii_alphanumeric()
            || " ._:/@-".contains(c)
            || (c.is_alphanumeric() && !c.is_ascii())
        {
            out.push(c);
        } else {
            let _ = write!(out, "#{};", u32::from(c));
        }
    }
    out
}
