//! The template engine: values travel beside the text.
