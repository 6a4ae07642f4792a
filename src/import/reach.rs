//! Mappings deep in an object.

use crate::yaml::Map;

/// The mapping at the end of a chain of keys, if all of them are there.
pub(super) fn reach<'m>(map: &'m mut Map, keys: &[&str]) -> Option<&'m mut Map> {
    keys.iter().try_fold(map, |map, key| map.get_mut(key)?.as_map_mut())
}
