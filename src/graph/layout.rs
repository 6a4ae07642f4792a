//! Boxes in columns, from left to right. Long edges keep a lane of their own between the boxes of the columns that they cross.

use super::nodes::{Graph, Node};

/// A box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// The left edge.
    pub x: usize,
    /// The upper edge.
    pub y: usize,
    /// The width.
    pub width: usize,
    /// The height.
    pub height: usize,
}

/// A graph with places, in pixels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// The box of every node.
    pub boxes: Vec<Rect>,
    /// The corners of every edge that is drawn.
    pub lines: Vec<Vec<(usize, usize)>>,
    /// The upper edge of what comes at the end, if there is any.
    pub end: Option<usize>,
    /// The whole width.
    pub width: usize,
    /// The whole height.
    pub height: usize,
}

/// Space around everything.
const MARGIN: usize = 16;
/// Space between columns, in which edges bend.
const ACROSS: usize = 44;
/// Space between boxes of a column.
const BETWEEN: usize = 14;
/// The height of a box.
const HEIGHT: usize = 42;
/// The height of a lane for an edge.
const LANE: usize = 12;
/// The width of a letter.
const LETTER: usize = 8;
/// The most letters that are shown of a name.
pub(super) const LETTERS: usize = 30;
/// The height of the heading of what comes at the end.
const HEADING: usize = 34;
/// The width at which what comes at the end goes on in another row.
const ROW: usize = 900;
/// Passes that put boxes beside those that they are joined to.
const PASSES: usize = 6;

/// What stands in a column: a node, or an edge that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Node(usize),
    Lane,
}

/// Slots by column, and their neighbours in the columns beside.
struct Columns {
    slots: Vec<(Slot, usize)>,
    all: Vec<Vec<usize>>,
    before: Vec<Vec<usize>>,
    after: Vec<Vec<usize>>,
    /// The slots of each edge.
    ways: Vec<Vec<usize>>,
}

/// Lays a graph out.
#[must_use]
pub fn layout(graph: &Graph) -> Layout {
    let mut columns = Columns::new(graph);
    columns.sort();
    let mut layout = Layout {
        boxes: vec![Rect { x: 0, y: 0, width: 0, height: 0 }; graph.nodes.len()],
        ..Layout::default()
    };
    columns.place(graph, &mut layout);
    place_end(graph, &mut layout);
    layout
}

impl Columns {
    fn new(graph: &Graph) -> Self {
        let layers = graph.layers();
        let mut all = Self {
            slots: Vec::new(),
            all: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
            ways: Vec::new(),
        };
        let mut of_node = vec![usize::MAX; graph.nodes.len()];
        for (node, _) in graph.nodes.iter().enumerate().filter(|(_, node)| !node.at_end) {
            of_node[node] = all.add(Slot::Node(node), layers[node]);
        }
        let mut seen = std::collections::BTreeSet::new();
        for &(from, to) in &graph.edges {
            let is_drawn =
                graph.has_edge(from, to) && !graph.nodes[from].at_end && layers[from] < layers[to];
            if !is_drawn || !seen.insert((from, to)) {
                continue;
            }
            let mut way = vec![of_node[from]];
            for layer in layers[from] + 1..layers[to] {
                let lane = all.add(Slot::Lane, layer);
                way.push(lane);
            }
            way.push(of_node[to]);
            for pair in way.windows(2) {
                all.after[pair[0]].push(pair[1]);
                all.before[pair[1]].push(pair[0]);
            }
            all.ways.push(way);
        }
        all
    }

    fn add(&mut self, slot: Slot, column: usize) -> usize {
        let at = self.slots.len();
        self.slots.push((slot, column));
        self.all.resize(self.all.len().max(column + 1), Vec::new());
        self.all[column].push(at);
        self.before.push(Vec::new());
        self.after.push(Vec::new());
        at
    }

    /// Puts slots at the mean of their neighbours, from both sides in turn, so that fewer edges cross.
    fn sort(&mut self) {
        for pass in 0..PASSES {
            let mut place = vec![0; self.slots.len()];
            let mut columns = std::mem::take(&mut self.all);
            let note = |column: &[usize], place: &mut Vec<usize>| {
                column.iter().enumerate().for_each(|(at, slot)| place[*slot] = at);
            };
            for column in &columns {
                note(column, &mut place);
            }
            let count = columns.len();
            for step in 0..count {
                let is_forward = pass % 2 == 0;
                let column = if is_forward { step } else { count - 1 - step };
                let beside = if is_forward { &self.before } else { &self.after };
                let mean = |slot: &usize| {
                    let all = &beside[*slot];
                    let sum: usize = all.iter().map(|other| place[*other]).sum();
                    // In thousandths, so that the order does not depend on how a machine rounds.
                    if all.is_empty() { place[*slot] * 1000 } else { sum * 1000 / all.len() }
                };
                let mut keyed: Vec<(usize, usize)> =
                    columns[column].iter().map(|slot| (mean(slot), *slot)).collect();
                keyed.sort_by_key(|(mean, _)| *mean);
                columns[column] = keyed.into_iter().map(|(_, slot)| slot).collect();
                note(&columns[column], &mut place);
            }
            self.all = columns;
        }
    }

    fn place(&self, graph: &Graph, layout: &mut Layout) {
        let height = |slot: &usize| match self.slots[*slot].0 {
            Slot::Node(_) => HEIGHT,
            Slot::Lane => LANE,
        };
        let tall = |column: &Vec<usize>| {
            column.iter().map(height).sum::<usize>() + BETWEEN * column.len().saturating_sub(1)
        };
        let tallest = self.all.iter().map(tall).max().unwrap_or(0);
        let mut rects = vec![Rect { x: 0, y: 0, width: 0, height: 0 }; self.slots.len()];
        let mut x = MARGIN;
        for column in &self.all {
            let wide = |slot: &usize| match self.slots[*slot].0 {
                Slot::Node(node) => width(&graph.nodes[node]),
                Slot::Lane => 0,
            };
            let widest = column.iter().map(wide).max().unwrap_or(0);
            let mut y = MARGIN + (tallest - tall(column)) / 2;
            for slot in column {
                rects[*slot] = Rect { x, y, width: widest, height: height(slot) };
                y += height(slot) + BETWEEN;
            }
            x += widest + ACROSS;
        }
        for ((slot, _), rect) in self.slots.iter().zip(&rects) {
            if let Slot::Node(node) = slot {
                layout.boxes[*node] = *rect;
            }
        }
        let middle = |slot: usize| rects[slot].y + rects[slot].height / 2;
        for way in &self.ways {
            let mut line = Vec::new();
            for (place, slot) in way.iter().enumerate() {
                if place > 0 {
                    line.push((rects[*slot].x, middle(*slot)));
                }
                if place + 1 < way.len() {
                    line.push((rects[*slot].x + rects[*slot].width, middle(*slot)));
                }
            }
            layout.lines.push(line);
        }
        layout.width = (x + MARGIN).saturating_sub(ACROSS).max(2 * MARGIN);
        layout.height = tallest + 2 * MARGIN;
    }
}

/// What comes at the end stands below, in rows.
fn place_end(graph: &Graph, layout: &mut Layout) {
    let nodes = graph.nodes.iter().enumerate().filter(|(_, node)| node.at_end);
    let (mut x, mut y) = (MARGIN, layout.height + HEADING);
    let mut is_any = false;
    for (index, node) in nodes {
        let width = width(node);
        if x > MARGIN && x + width > ROW.max(layout.width) - MARGIN {
            x = MARGIN;
            y += HEIGHT + BETWEEN;
        }
        layout.boxes[index] = Rect { x, y, width, height: HEIGHT };
        layout.width = layout.width.max(x + width + MARGIN);
        x += width + BETWEEN;
        is_any = true;
    }
    if is_any {
        layout.end = Some(layout.height);
        layout.height = y + HEIGHT + MARGIN;
    }
}

fn width(node: &Node) -> usize {
    let letters = |text: &str| text.chars().count().min(LETTERS);
    // The second line is smaller.
    let letters = letters(&node.label).max(letters(&node.detail) * 7 / 8).max(8);
    letters * LETTER + 24
}
