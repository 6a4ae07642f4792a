//! Addresses, refs, paths, names: what is taken never means more than it says.

use gitops_gen::files::Pattern;
use gitops_gen::git::Forge;
use gitops_gen::name::{Check, image_parts, seconds};
use gitops_gen::tree::path_problem;

use crate::child::Target;
use crate::mutate::{self, Random};

const CHECKS: [Check; 29] = [
    Check::Label,
    Check::Name,
    Check::Image,
    Check::GitRef,
    Check::GitUrl,
    Check::Cpu,
    Check::Bytes,
    Check::Size,
    Check::MountPath,
    Check::StepMountPath,
    Check::TimeZone,
    Check::PodField,
    Check::ContainerEnvName,
    Check::Duration,
    Check::EnvName,
    Check::ParamName,
    Check::AbsolutePath,
    Check::RelativePath,
    Check::Host,
    Check::LabelKey,
    Check::LabelValue,
    Check::Schedule,
    Check::DataKey,
    Check::Cidr,
    Check::Date,
    Check::HttpUrl,
    Check::Tag,
    Check::NoProxy,
    Check::ChartVersion,
];

/// Texts that are taken, to begin from: nearly all that is wholly random is refused for its first character.
const GOOD: &[&str] = &[
    "demo-app",
    "registry.example:5000/team/shop:v1@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "refs/heads/main",
    "feature/a.b",
    "https://git.example/team/shop.git",
    "ssh://git@git.example:22/team/shop.git",
    "git@git.example:team/shop.git",
    "256Mi",
    "1h30m",
    "PATH_1",
    "/var/lib/data",
    "apps/orders/file.yaml",
    "*.example.test",
    "example.test/name",
    "*/15 0 * * 1-5",
    "10.0.0.0/8",
    "fd00::/8",
    "2027-06-30",
    "https://chat.example/hook",
    "v1.2.3",
];

#[derive(Default)]
pub struct Texts(String);

impl Target for Texts {
    fn next(&mut self, random: &mut Random) -> String {
        self.0 = if random.below(4) == 0 {
            mutate::pieces(random)
        } else {
            let good = *random.pick(GOOD);
            mutate::text(random, good, GOOD)
        };
        format!("{:?}", self.0)
    }

    fn run(&mut self) {
        let text = self.0.as_str();
        for check in CHECKS {
            if check.test(text).is_err() {
                continue;
            }
            // None of these is ever taken for an option, a second line or something that nobody sees.
            assert!(!text.is_empty() || check == Check::LabelValue, "{check:?} takes nothing");
            assert!(!text.chars().any(char::is_control), "{check:?} takes a control character");
            match check {
                Check::GitRef => {
                    assert!(
                        !text.starts_with('-') && !text.contains("..") && !text.contains("@{"),
                        "a ref"
                    );
                    assert!(!text.contains([' ', '~', '^', ':', '?', '*', '[', '\\']), "a ref");
                }
                Check::GitUrl => {
                    // `ext::sh -c …` has git run a program of that name.
                    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
                    let helper = text.split_once("::").map(|(helper, _)| helper);
                    assert!(
                        !text.starts_with('-')
                            && !helper.is_some_and(|helper| helper.chars().all(is_scheme)),
                        "an address"
                    );
                    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
                    let scheme = scheme.filter(|scheme| scheme.chars().all(is_scheme));
                    assert!(
                        matches!(scheme, None | Some("https" | "http" | "ssh" | "git")),
                        "an address"
                    );
                }
                Check::RelativePath => {
                    assert!(
                        !text.starts_with('/') && text.split('/').all(|name| name != ".."),
                        "a path"
                    );
                }
                Check::AbsolutePath => {
                    assert!(
                        text.starts_with('/') && text.split('/').all(|name| name != ".."),
                        "a path"
                    );
                }
                Check::Image | Check::Tag | Check::Label | Check::Name | Check::Host => {
                    assert!(
                        !text.starts_with('-') && text.is_ascii() && !text.contains(' '),
                        "{check:?}"
                    );
                }
                _ => {}
            }
        }
        if path_problem(text).is_none() {
            assert!(
                !text.starts_with('/')
                    && text.split('/').all(|name| !matches!(name, "" | "." | "..")),
                "a path"
            );
        }
        if let Ok(pattern) = Pattern::new(text) {
            assert!(
                !pattern.matches("clusters/a.yaml") && !pattern.matches(".git/config"),
                "a pattern"
            );
        }
        let _ = (image_parts(text), seconds(text), Forge::named(text));
    }
}
