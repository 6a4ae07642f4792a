//! What is encrypted with SOPS stays so, and the environment decrypts it as Flux did.

use crate::import::applied::Applied;
use crate::import::draft::Draft;
use crate::import::world::World;
use crate::yaml::Map;

/// What is said where nobody says how.
const UNKNOWN: &str =
    "encrypted with SOPS, and no Kustomization has `decryption`: set `flux.decryption`";

/// Sets `flux.decryption` of an environment that has encrypted files.
pub(in crate::import) fn decrypt(
    applied: &Applied,
    world: &World,
    drafts: &mut [Draft],
    settings: &mut Map,
) {
    let has_some = |draft: &Draft| draft.raw.iter().any(|at| world.all[*at].is_encrypted());
    for draft in drafts.iter_mut().filter(|draft| has_some(draft)) {
        match &applied.decryption {
            Some(decryption) => {
                settings.map_at("flux").insert("decryption", decryption.clone());
            }
            None => draft.note("extra", UNKNOWN),
        }
    }
}
