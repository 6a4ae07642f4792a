//! What a key means, from the table that checks it.
use super::table::Object;
/// placeholder
#[must_use]
pub fn roots() -> Vec<(&'static str, &'static Object)> {
    vec![
        ("gen.yaml", super::root()),
        ("environments/NAME.yaml", super::environment()),
        ("environments/NAME.pins.yaml", super::pins_object()),
        ("apps/*.yaml", super::included()),
    ]
}
