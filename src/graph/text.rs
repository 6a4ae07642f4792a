//! Text, for a terminal: what runs, a line a step.

use std::fmt::Write as _;

use super::nodes::{Graph, printable};

/// The width of a line.
const WIDTH: usize = 80;

/// The graph by layers. Whatever does not simply wait for the line above says what it waits for.
#[must_use]
pub fn text(graph: &Graph) -> String {
    let mut out = format!("{}\n", printable(&graph.title));
    let layers = graph.layers();
    let main: Vec<usize> = (0..graph.nodes.len()).filter(|at| !graph.nodes[*at].at_end).collect();
    let last = main.iter().map(|at| layers[*at]).max();
    let digits = last.map_or(1, |last| (last + 1).to_string().len());
    let mut above: Vec<usize> = Vec::new();
    for layer in 0..last.map_or(0, |last| last + 1) {
        let nodes: Vec<usize> = main.iter().copied().filter(|at| layers[*at] == layer).collect();
        let of_one = |at: usize| {
            let mut before: Vec<usize> =
                graph.edges.iter().filter(|(_, to)| *to == at).map(|(from, _)| *from).collect();
            before.sort_unstable();
            before.dedup();
            let node = &graph.nodes[at];
            let mut text = printable(&node.label);
            if !node.detail.is_empty() {
                let _ = write!(text, " ({})", printable(&node.detail));
            }
            if before != above {
                let names: Vec<String> =
                    before.iter().map(|at| printable(&graph.nodes[*at].label)).collect();
                let names =
                    if names.is_empty() { "nothing".to_owned() } else { names.join(" and ") };
                let _ = write!(text, " [after {names}]");
            }
            text
        };
        let items: Vec<String> = nodes.iter().map(|at| of_one(*at)).collect();
        wrap(&mut out, &format!("{:>1$}. ", layer + 1, digits + 2), &items);
        above = nodes;
    }
    let end: Vec<String> =
        graph.nodes.iter().filter(|node| node.at_end).map(|node| printable(&node.label)).collect();
    if !end.is_empty() {
        wrap(&mut out, "  finally: ", &end);
    }
    out
}

/// Items with commas between them, broken between items.
fn wrap(out: &mut String, head: &str, items: &[String]) {
    let indent = head.chars().count();
    let mut line = head.to_owned();
    for (place, item) in items.iter().enumerate() {
        let comma = if place + 1 < items.len() { "," } else { "" };
        let length = line.chars().count();
        if length > indent && length + 1 + item.chars().count() + comma.len() > WIDTH {
            let _ = writeln!(out, "{}", line.trim_end());
            line = " ".repeat(indent);
        } else if length > indent {
            line.push(' ');
        }
        line.push_str(item);
        line.push_str(comma);
    }
    let _ = writeln!(out, "{}", line.trim_end());
}
