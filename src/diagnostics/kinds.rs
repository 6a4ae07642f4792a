//! The areas, one file each, and their union.

mod blame;
mod cluster;
mod diff;
mod git;
mod import;
mod name;
mod patch;
mod promote;
mod propose;
mod spec;
mod template;
mod tree;
mod usage;
mod why;
mod yaml;

pub use blame::BlameError;
pub use cluster::ClusterError;
pub use diff::DiffError;
pub use git::GitError;
pub use import::ImportError;
pub use name::NameError;
pub use patch::PatchError;
pub use promote::PromoteError;
pub use propose::ProposeError;
pub use spec::SpecError;
pub use template::TemplateError;
pub use tree::TreeError;
pub use usage::UsageError;
pub use why::WhyError;
pub use yaml::YamlError;

use super::Entry;

macro_rules! kinds {
    ($($area:ident($error:ident)),+ $(,)?) => {
        /// Any error that gen knows.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
        #[allow(missing_docs)]
        pub enum Kind {
            $( #[error(transparent)] $area(#[from] $error), )+
        }

        impl Kind {
            fn areas() -> Vec<&'static [Entry]> {
                vec![$( $error::CATALOGUE ),+]
            }

            /// Its documentation.
            #[must_use]
            pub fn entry(&self) -> &'static Entry {
                match self { $( Self::$area(error) => error.entry(), )+ }
            }

            /// The advice, or an empty string.
            #[must_use]
            pub fn help(&self) -> String {
                match self { $( Self::$area(error) => error.help(), )+ }
            }
        }
    };
}

kinds!(
    Yaml(YamlError),
    Name(NameError),
    Spec(SpecError),
    Template(TemplateError),
    Patch(PatchError),
    Tree(TreeError),
    Diff(DiffError),
    Import(ImportError),
    Propose(ProposeError),
    Usage(UsageError),
    Promote(PromoteError),
    Git(GitError),
    Cluster(ClusterError),
    Why(WhyError),
    Blame(BlameError),
);

/// Every error of every area, in the order of the codes.
#[must_use]
pub fn all() -> Vec<Entry> {
    let mut all: Vec<Entry> = Kind::areas().concat();
    all.sort_by_key(|entry| entry.code);
    all
}
