//! The JSON schema of the files, from the same table.
