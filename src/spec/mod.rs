//! The files exactly as written: read, checked against one table of keys, converted to one form.
//!
//! `keys/*.yaml` declare the keys. `gen explain`, the JSON schema and docs/reference are made from the same tables that
//! reject unknown keys, so they cannot drift. Meaning comes later, in `environment` and `model`.

mod carried;
mod check;
pub mod edit;
mod expand;
pub mod explain;
pub mod json_schema;
mod keys;
mod load;
mod paths;
mod pins;
mod placed;
pub mod reference;
pub mod table;
mod unused;
mod view;
mod words;

pub use check::{check, hint, listed, nearest};
pub use expand::expand;
pub use keys::{
    app, declaration, environment, included, pins as pins_object, process, root, task_common,
};
pub use load::{EnvironmentFile, Spec, load};
pub use paths::{is_key_of_app, next_keys};
pub use pins::{Pin, Pins};
pub use view::View;
