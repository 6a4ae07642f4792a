//! flux
mod envsubst;
mod style;
mod substitute;
