//! `gen graph`: a graph in its formats.

use crate::graph::{Graph, dot, mermaid, svg, text};

/// The format of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Drawing {
    /// For people at a terminal
    Text,
    /// For Markdown on a code host
    Mermaid,
    /// For Graphviz
    Dot,
    /// A picture, in light and dark
    Svg,
}

impl Drawing {
    /// The graph in this format.
    #[must_use]
    pub fn of(self, graph: &Graph) -> String {
        match self {
            Self::Text => text(graph),
            Self::Mermaid => mermaid(graph),
            Self::Dot => dot(graph),
            Self::Svg => svg(graph, true, "graph"),
        }
    }
}
