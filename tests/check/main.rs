//! `gen check`: every rule finds what it is for and nothing else.

mod rules;
