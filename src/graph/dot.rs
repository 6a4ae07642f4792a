//! DOT, for Graphviz.

use std::fmt::Write as _;

use super::nodes::{Graph, printable};

/// The graph as a digraph.
#[must_use]
pub fn dot(graph: &Graph) -> String {
    let mut out = format!(
        "digraph \"{}\" {{\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"monospace\"];\n",
        escaped(&graph.title)
    );
    for (index, node) in graph.nodes.iter().enumerate() {
        let _ = write!(out, "  n{index} [label=\"{}", escaped(&node.label));
        if !node.detail.is_empty() {
            let _ = write!(out, "\\n{}", escaped(&node.detail));
        }
        out.push('"');
        if node.at_end {
            out.push_str(", style=\"rounded,dashed\"");
        }
        out.push_str("];\n");
    }
    for (from, to) in &graph.edges {
        let _ = writeln!(out, "  n{from} -> n{to};");
    }
    out.push_str("}\n");
    out
}

/// In quotes a backslash begins an escape, also of what Graphviz would fill in, as in `\N`.
fn escaped(text: &str) -> String {
    printable(text).replace('\\', "\\\\").replace('"', "\\\"")
}
