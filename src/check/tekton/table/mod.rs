//! The rules of this family.

pub(super) mod across;
pub(super) mod advice;
mod entry;
pub(super) mod object;
pub(super) mod pipeline;
pub(super) mod run;
pub(super) mod task;
pub(super) mod trigger;

use crate::check::finding::Rule;

const TABLES: [&[&Rule]; 7] =
    [object::ALL, task::ALL, pipeline::ALL, run::ALL, trigger::ALL, across::ALL, advice::ALL];

const COUNT: usize = {
    let (mut count, mut table) = (0, 0);
    while table < TABLES.len() {
        count += TABLES[table].len();
        table += 1;
    }
    count
};

/// All tables in one.
pub(super) static RULES: [&Rule; COUNT] = {
    let mut all = [&object::NAME; COUNT];
    let (mut at, mut table) = (0, 0);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            all[at] = TABLES[table][row];
            (at, row) = (at + 1, row + 1);
        }
        table += 1;
    }
    all
};
