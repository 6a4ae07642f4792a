//! The folder above a file, for many files in the order of their paths: opened once for all files in it.

use super::place::{Found, Place, split};
use crate::diagnostics::Diagnostics;

/// Remembers the folder of the last file.
pub(super) struct Cursor<'a> {
    base: &'a Place,
    last: Option<(String, Option<Place>)>,
}

impl<'a> Cursor<'a> {
    pub fn new(base: &'a Place) -> Self {
        Self { base, last: None }
    }

    /// The folder of a file, if it exists, and the file's own name.
    pub fn find<'p>(&mut self, path: &'p str) -> Result<(Option<&Place>, &'p str), Diagnostics> {
        self.seek(path, Place::open)
    }

    /// The folder of a file, created if missing, and the file's own name.
    pub fn make<'p>(&mut self, path: &'p str) -> Result<(&Place, &'p str), Diagnostics> {
        let (place, name) = self.seek(path, |base, folders| {
            let place =
                if folders.contains('/') { base.ensure(folders) } else { base.make(folders) };
            place.map(Some)
        })?;
        Ok((place.expect("ensure finds or makes"), name))
    }

    /// Reads a file below.
    pub fn read(&mut self, path: &str, limit: u64) -> Result<Found, Diagnostics> {
        let (place, name) = self.find(path)?;
        place.map_or(Ok(Found::Absent), |place| place.read(name, limit))
    }

    fn seek<'p>(
        &mut self,
        path: &'p str,
        open: impl Fn(&Place, &str) -> Result<Option<Place>, Diagnostics>,
    ) -> Result<(Option<&Place>, &'p str), Diagnostics> {
        let (Some(folders), name) = split(path) else {
            return Ok((Some(self.base), path));
        };
        if self.last.as_ref().is_none_or(|(last, _)| last != folders) {
            self.last = Some((folders.to_owned(), open(self.base, folders)?));
        }
        Ok((self.last.as_ref().and_then(|(_, place)| place.as_ref()), name))
    }
}
