//! Graphs of tasks and of environments: laid out in layers, and written as SVG, Mermaid, DOT or text.
//!
//! Names are data: each format escapes them in its own way, and none can become markup. The layout is deterministic, and no two boxes of
//! it overlap, whatever the graph.

mod dot;
mod layout;
mod mermaid;
mod nodes;
mod svg;
mod text;

pub use dot::dot;
pub use layout::{Layout, Rect, layout};
pub use mermaid::mermaid;
pub use nodes::{Graph, Node};
pub use svg::{STYLE, markup, svg};
pub use text::text;

#[cfg(test)]
mod tests;
