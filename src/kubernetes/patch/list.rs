//! The patches of an environment, found by the name of the object.

use std::collections::HashMap;

use super::Patch;

/// Patches in the order in which they are written, which is that in which they apply. Most name one object, and an environment may
/// have thousands of them, so an object does not ask each one.
#[derive(Debug, Clone, Default)]
pub struct Patches {
    all: Vec<Patch>,
    /// Places in `all` of those for objects of one name.
    by_name: HashMap<String, Vec<usize>>,
    /// Places of those for any name, or for names with `*`.
    others: Vec<usize>,
}

impl Patches {
    /// In this order.
    #[must_use]
    pub fn new(all: Vec<Patch>) -> Self {
        let mut patches = Self::default();
        for (index, patch) in all.iter().enumerate() {
            match patch.target.name.as_ref().filter(|name| !name.contains('*')) {
                Some(name) => patches.by_name.entry(name.clone()).or_default().push(index),
                None => patches.others.push(index),
            }
        }
        patches.all = all;
        patches
    }

    /// All of them, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Patch> {
        self.all.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Those that could be for an object of this name and app, in order, each with its place among all.
    #[must_use]
    pub fn for_object(&self, name: &str, app: Option<&str>) -> Vec<(usize, &Patch)> {
        let named = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let mut places = [named, &self.others].concat();
        places.sort_unstable();
        let patches = places.into_iter().map(|place| (place, &self.all[place]));
        patches.filter(|(_, patch)| patch.is_for(app)).collect()
    }
}
