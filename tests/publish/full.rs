//! A disk that is really full.

use std::process::Command;

use gitops_gen::diagnostics::Exit;

use crate::needs::skip;
use crate::support::{Checkout, PLAIN, app, codes, publish, shown};

/// A small file system in memory, where this machine lets us mount one.
struct Small(Checkout);

impl Small {
    fn mount() -> Option<Self> {
        let checkout = Checkout::new();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(checkout.root())
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(checkout)),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr);
                skip(&format!("no tmpfs can be mounted here: {}", why.trim()));
                None
            }
            Err(error) => {
                skip(&format!("no tmpfs can be mounted here: {error}"));
                None
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.root()).status();
    }
}

#[test]
fn a_full_disk_leaves_the_tree_as_it_was() {
    let Some(small) = Small::mount() else {
        return;
    };
    let root = small.0.root();
    let text = "x".repeat(300 * 1024);
    let old = [app("a", &[("one.yaml", "1"), ("two.yaml", &text)])];
    publish(&root, &old, PLAIN).unwrap();
    let before = small.0.tree();
    let larger = "y".repeat(300 * 1024);
    let new = [
        app("a", &[("one.yaml", "2"), ("two.yaml", &larger)]),
        app("b", &[("one.yaml", "1"), ("two.yaml", &larger)]),
        app("c", &[("one.yaml", "1"), ("two.yaml", &larger)]),
    ];
    let problems = publish(&root, &new, PLAIN).unwrap_err();
    assert_eq!(codes(&problems), ["GEN0806"]);
    assert_eq!(problems.exit(), Exit::Local);
    assert!(shown(&problems).contains("no space left on device"), "{problems}");
    assert_eq!(small.0.tree(), before);
    assert!(!small.0.path(".gen/stage").exists(), "what was staged is gone, and its space free");
    publish(&root, &new[..1], PLAIN).unwrap();
    assert_eq!(small.0.read("clusters/homelab/dev/a/one.yaml"), "2");
}
