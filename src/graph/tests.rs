use proptest::prelude::*;

use super::*;

fn node(label: &str) -> Node {
    Node { label: label.to_owned(), ..Node::default() }
}

fn diamond() -> Graph {
    let mut nodes: Vec<Node> = ["fetch", "test", "lint", "build"].map(node).into();
    nodes[3].detail = "kaniko".to_owned();
    nodes.push(Node { at_end: true, ..node("notify") });
    let edges = vec![(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)];
    Graph { title: "shop in dev".to_owned(), nodes, edges }
}

#[test]
fn layers_follow_the_longest_way_and_circles_end() {
    assert_eq!(diamond().layers(), [0, 1, 1, 2, 0]);
    let circle = Graph {
        nodes: ["a", "b", "c"].map(node).into(),
        edges: vec![(0, 1), (1, 2), (2, 1), (0, 0)],
        ..Graph::default()
    };
    assert_eq!(circle.layers(), [0, 1, 1]);
    let none = layout(&Graph::default());
    assert!(none.boxes.is_empty() && none.width > 0);
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/// No two boxes overlap, all are in the picture, and no line passes through a box that it does not join.
fn is_clear(graph: &Graph) {
    let layout = layout(graph);
    for (at, one) in layout.boxes.iter().enumerate() {
        assert!(
            one.x + one.width <= layout.width && one.y + one.height <= layout.height,
            "{one:?}"
        );
        for (place, other) in layout.boxes.iter().enumerate().skip(at + 1) {
            assert!(!overlap(*one, *other), "{at} {one:?} {place} {other:?}");
        }
    }
    for line in &layout.lines {
        // Along a column a line runs straight, from an odd place to the next: nothing may stand there.
        for pair in line.windows(2).skip(1).step_by(2) {
            let lane = Rect { x: pair[0].0, y: pair[0].1, width: pair[1].0 - pair[0].0, height: 1 };
            assert!(layout.boxes.iter().all(|one| !overlap(*one, lane)), "{lane:?}");
        }
    }
}

#[test]
fn nothing_overlaps_in_a_pipeline_of_two_hundred_tasks() {
    is_clear(&diamond());
    // Positive control: the check sees an overlap.
    let one = Rect { x: 0, y: 0, width: 10, height: 10 };
    assert!(overlap(one, Rect { x: 9, y: 9, ..one }) && !overlap(one, Rect { x: 10, ..one }));
    for wide in [1, 7, 40, 200] {
        let nodes = (0..200).map(|n| node(&format!("task-{n}-{}", "x".repeat(n % 60)))).collect();
        let edges = (0..200)
            .flat_map(|n| (n + 1..200).step_by(wide).take(3).map(move |m| (n, m)))
            .collect();
        is_clear(&Graph { nodes, edges, ..Graph::default() });
    }
}

proptest! {
    #[test]
    fn nothing_overlaps_in_any_graph(
        labels in prop::collection::vec(("\\PC{0,40}", any::<bool>()), 0..40),
        edges in prop::collection::vec((0usize..45, 0usize..45), 0..120),
    ) {
        let nodes = labels.into_iter().map(|(label, at_end)| Node { label, at_end, ..Node::default() });
        let nodes: Vec<Node> = nodes.collect();
        let edges = edges.into_iter().filter(|(a, b)| a.max(b) < &nodes.len()).collect();
        is_clear(&Graph { nodes, edges, ..Graph::default() });
    }

    /// A name is text in every format: it opens no tag, ends no string and no line.
    #[test]
    fn names_stay_text(label in "(?s).{0,30}", detail in "[<>\"'`&;#\\\\\\]\\[\u{1b}\n a-z]{0,20}") {
        let graph = Graph { title: label.clone(), nodes: vec![Node { label: label.clone(), detail, at_end: false }], edges: vec![] };
        let plain = Graph { title: "t".to_owned(), nodes: vec![node("t")], edges: vec![] };
        let tags = |text: &str| text.matches('<').count();
        let drawn = svg(&graph, true, "g");
        let extra = usize::from(!graph.nodes[0].detail.is_empty()) * 2;
        prop_assert_eq!(tags(&drawn), tags(&svg(&plain, true, "g")) + extra);
        prop_assert_eq!(drawn.lines().count(), 1);
        let flow = mermaid(&graph);
        prop_assert_eq!(flow.lines().count(), 2);
        prop_assert_eq!(flow.matches('"').count(), 2);
        let digraph = dot(&graph);
        prop_assert_eq!(digraph.lines().count(), dot(&plain).lines().count());
        let quotes = |text: &str| text.replace("\\\\", "").replace("\\\"", "").matches('"').count();
        prop_assert_eq!(quotes(&digraph), quotes(&dot(&plain)));
        prop_assert!(!text(&graph).chars().any(|c| c.is_control() && c != '\n'));
    }
}

#[test]
fn the_formats() {
    insta::assert_snapshot!(text(&diamond()), @r"
    shop in dev
      1. fetch
      2. test, lint
      3. build (kaniko) [after fetch and test and lint]
      finally: notify
    ");
    insta::assert_snapshot!(mermaid(&diamond()), @r#"
    flowchart LR
      n0["fetch"]
      n1["test"]
      n2["lint"]
      n3["build<br/>kaniko"]
      n0 --> n1
      n0 --> n2
      n1 --> n3
      n2 --> n3
      n0 --> n3
      subgraph finally
      n4["notify"]
      end
    "#);
    let drawn = svg(&diamond(), true, "g");
    assert!(
        drawn.contains("prefers-color-scheme:dark")
            && drawn.contains("build after test, lint, fetch"),
        "{drawn}"
    );
    assert!(!svg(&diamond(), false, "g").contains("<style>"));
}

/// XML has no way to write these two, and a bidirectional override reorders what follows.
#[test]
fn characters_without_a_picture_are_replaced() {
    let graph = Graph {
        title: "a\u{ffff}b".to_owned(),
        nodes: vec![node("c\u{fffe}d\u{202e}e\u{200b}f\u{85}g")],
        edges: vec![],
    };
    let drawn = svg(&graph, true, "g");
    assert!(drawn.contains(">c\u{fffd}d\\u{202e}e\\u{200b}f\\u{85}g</text>"), "{drawn}");
    for odd in ['\u{fffe}', '\u{ffff}', '\u{202e}', '\u{200b}', '\u{85}'] {
        for out in [&drawn, &text(&graph), &mermaid(&graph), &dot(&graph)] {
            assert!(!out.contains(odd), "{odd:?}: {out}");
        }
    }
}
