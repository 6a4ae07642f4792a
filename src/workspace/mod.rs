//! The disk: reading sources, publishing the tree.
