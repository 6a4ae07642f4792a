//! The guide to what can be seen: its outputs are those of this repository.

use crate::page::{blocks, gen_in, keep, read, root};

const PAGE: &str = "docs/guides/see.md";

#[test]
fn the_outputs_are_real() {
    let mut shown = 0;
    for block in blocks(&read(PAGE), "console") {
        let (command, output) = block.split_once('\n').expect("a command");
        let words: Vec<&str> = command.trim_start_matches("$ ").split(' ').skip(1).collect();
        let (status, out, err) = gen_in(root(), &words);
        assert_eq!((status, err.as_str()), (0, ""), "{command}");
        let whole = |output: &str| format!("```console\n{command}\n{output}```");
        keep(PAGE, &whole(output), &whole(&out));
        shown += 1;
    }
    assert_eq!(shown, 3);
}
