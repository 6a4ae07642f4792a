//! What a graph is: nodes with names, and edges.

use crate::diagnostics::visible;

/// A graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The title.
    pub title: String,
    /// The nodes.
    pub nodes: Vec<Node>,
    /// From node to node, by their places.
    pub edges: Vec<(usize, usize)>,
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub label: String,
    /// A second, smaller line; may be empty.
    pub detail: String,
    /// It comes after all others, whatever they end with: `finally`.
    pub at_end: bool,
}

impl Graph {
    /// The layer of every node: behind all that lead to it. What is in a circle comes last.
    #[must_use]
    pub fn layers(&self) -> Vec<usize> {
        let mut waits: Vec<usize> = vec![0; self.nodes.len()];
        let edges = || self.edges.iter().filter(|(from, to)| self.has_edge(*from, *to));
        edges().for_each(|(_, to)| waits[*to] += 1);
        let mut layers = vec![0; self.nodes.len()];
        let mut is_done = vec![false; self.nodes.len()];
        let mut ready: Vec<usize> = (0..waits.len()).filter(|node| waits[*node] == 0).collect();
        let mut next = vec![Vec::new(); self.nodes.len()];
        edges().for_each(|(from, to)| next[*from].push(*to));
        while let Some(node) = ready.pop() {
            is_done[node] = true;
            for to in &next[node] {
                layers[*to] = layers[*to].max(layers[node] + 1);
                waits[*to] -= 1;
                if waits[*to] == 0 {
                    ready.push(*to);
                }
            }
        }
        let last =
            layers.iter().zip(&is_done).filter(|(_, done)| **done).map(|(layer, _)| layer + 1);
        let last = last.max().unwrap_or(0);
        for (layer, _) in layers.iter_mut().zip(is_done).filter(|(_, done)| !done) {
            *layer = last;
        }
        layers
    }

    /// Whether an edge joins two different nodes of the same part.
    pub(super) fn has_edge(&self, from: usize, to: usize) -> bool {
        let node = |at: usize| self.nodes.get(at);
        from != to && node(from).zip(node(to)).is_some_and(|(from, to)| from.at_end == to.at_end)
    }
}

/// A text on one line, without characters that control a terminal, and without those that XML cannot hold.
pub(super) fn printable(text: &str) -> String {
    visible(text).replace('\n', " ").replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
