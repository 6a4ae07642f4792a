//! Everything below `templates/`, compiled in. `build.rs` writes the table.

include!(concat!(env!("OUT_DIR"), "/templates.rs"));
