//! GEN145x: proposing a spec from an app's checkout.

use crate::diagnostics::catalogue::errors;

errors! {
    /// Errors of `gen init --from`.
    ProposeError {
        /// A folder is an app's if it has a Dockerfile, a Procfile, or a file of a language's tools such as go.mod. Those in hidden folders, and in folders such as node_modules, are not looked at.
        1450 Usage NoAppSeen { place: String, seen: String } "no app in `{place}`: {seen}, and no Dockerfile, Procfile, pyproject.toml, package.json, go.mod, Cargo.toml, pom.xml, build.gradle, *.csproj, composer.json, Gemfile or index.html among them", "name the folder of the app's checkout, or begin without one: `gen init --demo`";
    }
}
