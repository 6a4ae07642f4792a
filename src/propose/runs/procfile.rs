//! The programs of a Procfile.

use super::{Runs, kept};
use crate::import::{procfile, words};
use crate::propose::checkout::{Checkout, Place, join};
use crate::propose::roots::Root;
use crate::yaml::{Map, Value};

/// The programs of a Procfile in the app's folder.
#[must_use]
pub fn of_procfile(checkout: &Checkout, root: &Root, app: &str) -> Option<Runs> {
    let path = join(&root.folder, "Procfile");
    let text = checkout.text("", &path)?;
    let mut runs = Runs { place: Some(Place::new(&path, 1)), ..Runs::default() };
    // Its code calls the app as the folder.
    match procfile::procfile(&format!("{app}/Procfile"), text) {
        Err(why) => runs.left.push(format!("{}: {why}", Place::new(&path, 0).words())),
        Ok(objects) => {
            for (name, mut keys) in words(objects) {
                let inner = keys.remove("processes");
                if name == app {
                    runs.place = Some(Place::of(&path, text, "web:"));
                    kept(&mut keys);
                    runs.keys = keys;
                } else {
                    // Without a web process each is an app of its own to the import, and a process here.
                    let process = name.strip_prefix(&format!("{app}-")).unwrap_or(&name).to_owned();
                    runs.add(&process, keys);
                }
                for (name, keys) in
                    inner.as_ref().and_then(Value::as_map).into_iter().flat_map(Map::iter)
                {
                    runs.add(name, keys.as_map().cloned().unwrap_or_default());
                }
            }
        }
    }
    Some(runs)
}
