//! The arguments exactly as typed. Their meaning is the commands' business.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::report::Colour;

/// Renders everything that Flux and Tekton need to deliver your applications.
#[derive(Debug, Parser)]
#[command(
    name = "gen",
    version,
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:\n  gen init my-gitops --demo         a new repository with a sample application\n  gen render                        write clusters/ for every environment\n  gen render --env dev              … for one\n  gen render --check                exit 1 if clusters/ is not what the spec says\n  gen diff --env dev                what that would change in the cluster\n  gen explain apps.NAME.pipeline    what a key means\n  gen explain GEN0312               what an error means\n\nExit status: 0 done · 1 differences · 2 cluster or remote · 3 spec, template, hand edit,\nremoval · 4 local files · 5 git conflict · 64 usage · 70 a bug"
)]
pub struct Cli {
    /// For every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The repository's folder, instead of the nearest one with a gen.yaml
    #[arg(short = 'C', long = "directory", value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// When to use colours: auto, always or never
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Colour::Auto, hide_possible_values = true, global = true)]
    pub color: Colour,
    /// Say only what is wrong
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more: every warning with its place
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Print the version; with -v, how it was built
    #[arg(short = 'V', long = "version", action = clap::ArgAction::SetTrue)]
    pub version: bool,
}

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Command {
    /// The name under which the result is wanted as JSON, where it is.
    #[must_use]
    pub fn json(&self) -> Option<&'static str> {
        let (name, output) = match self {
            Self::Render(args) => ("render", args.output),
            Self::Commit(args) => ("commit", args.output),
            Self::Set(args) => ("set", args.output),
            Self::Promote(args) => ("promote", args.output),
            Self::Log(args) => ("log", args.output),
            Self::Diff(args) => return (args.output == DiffFormat::Json).then_some("diff"),
            _ => return None,
        };
        (output == OutputFormat::Json).then_some(name)
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new GitOps repository
    Init(Init),
    /// Write clusters/ from the spec
    Render(Render),
    /// Render, commit what gen reads and writes, and push it
    Commit(Commit),
    /// Say which image or commit an app has in an environment
    Set(Set),
    /// Bring what runs in one environment to the next
    Promote(Promote),
    /// Say what went where and when
    Log(Log),
    /// Wait until Flux has applied a commit and the app runs its image
    Wait(Wait),
    /// Show what Flux would change if the spec were rendered and committed
    Diff(Diff),
    /// Print a PipelineRun for `kubectl create -f -`
    Run(Run),
    /// List the Secrets that must be in the cluster, with the commands that make them
    Secrets(Secrets),
    /// Try webhooks without a cluster
    Trigger(Trigger),
    /// Say what a key or an error means
    Explain(Explain),
    /// Print the JSON schema of the files
    Schema(Schema),
    /// List, show and eject templates
    Template(Template),
}

/// `gen init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The folder; made where it is missing
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Also write the sample application's source
    #[arg(long)]
    pub demo: bool,
    /// The sample with every stage: scans, tests, load, notifications, webhooks
    #[arg(long, requires = "demo")]
    pub full: bool,
    /// Also write what checks pull requests and renders what is merged; only that, where gen.yaml is there already
    #[arg(long, value_enum, value_name = "HOST")]
    pub ci: Option<Ci>,
    /// Also write what has Flux install Tekton Pipelines and Triggers on a cluster; only that, where gen.yaml is there already
    #[arg(long, value_name = "CLUSTER", num_args = 0..=1, require_equals = true, default_missing_value = "homelab")]
    pub with_tekton: Option<String>,
}

/// Who runs the checks of a GitOps repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Tekton, with Triggers.
    Tekton,
}

impl Ci {
    /// The folder of its files among those that `init` writes.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Self::Github => "github/",
            Self::Gitlab => "gitlab/",
            Self::Tekton => "tekton/",
        }
    }

    /// What it needs before its first run, a line each.
    #[must_use]
    pub fn needs(self) -> &'static str {
        match self {
            Self::Github => {
                "  .github/workflows/gitops.yaml needs the repository variable GEN_IMAGE; its first lines say more\n"
            }
            Self::Gitlab => {
                "  .gitlab-ci.yml needs the variables GEN_IMAGE and GEN_TOKEN; its first lines say more\n"
            }
            Self::Tekton => {
                "  ci/tekton.yaml needs your addresses and Secrets; its first lines say more\n"
            }
        }
    }
}

/// `gen render`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen render --env staging --app orders    write one app in one environment\n  gen render --check -o json               what differs, for a program\n  gen render --stdout | kubectl apply --dry-run=server -f -"
)]
#[allow(clippy::struct_excessive_bools)]
pub struct Render {
    /// Write only these environments
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environments: Vec<String>,
    /// Write only these apps
    #[arg(long = "app", short = 'a', value_name = "APP")]
    pub apps: Vec<String>,
    /// Write nothing; exit 1 and show a diff where clusters/ is not what the spec says
    #[arg(long, conflicts_with_all = ["force", "stdout"])]
    pub check: bool,
    /// Write nothing; print all objects as one YAML stream
    #[arg(long, conflicts_with = "force")]
    pub stdout: bool,
    /// Overwrite files that were edited by hand or that stand in the way
    #[arg(long)]
    pub force: bool,
    /// Let apps, environments and pinned workloads disappear
    #[arg(long)]
    pub allow_removals: bool,
    /// Drop the last traces of a removed app, once Flux has pruned its objects
    #[arg(long, value_name = "APP")]
    pub forget: Vec<String>,
    /// Read everything that is written back and compare
    #[arg(long)]
    pub verify: bool,
    /// How the summary is written
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// `gen set`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen set orders --env staging --image registry.example/shop/orders@sha256:…\n  gen set orders --env dev --revision 0f1b7a5cbb2d    build another commit\n  gen set orders --env staging --rerun                start its run again"
)]
pub struct Set {
    /// The app
    pub app: String,
    /// The environment
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environment: String,
    /// The image with its digest; or only the digest, `sha256:…`, of the image that the spec names
    #[arg(long, value_name = "REF@DIGEST", conflicts_with = "tag")]
    pub image: Option<String>,
    /// A tag of the image that the spec names; it is not looked up, and a digest is safer
    #[arg(long)]
    pub tag: Option<String>,
    /// The commit that a run builds
    #[arg(long, value_name = "SHA")]
    pub revision: Option<String>,
    /// Start the committed run again, though what it consumes is the same
    #[arg(long)]
    pub rerun: bool,
    /// Refuse where the app is in this environment otherwise than committed, or was rendered by another gen
    #[arg(long)]
    pub committed: bool,
    /// Write nothing; say what would change
    #[arg(long)]
    pub dry_run: bool,
    /// How the result is written
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// `gen promote`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen promote --to staging                   all that is pinned in the stage before\n  gen promote orders --to prod --check       what would go; exit 1 if anything would\n  gen promote orders --to prod --push        a branch and a pull request, or a commit (`promote.via`)\n  gen promote orders --to staging --image registry.example/shop/orders@sha256:…"
)]
pub struct Promote {
    /// The apps; all that are pinned in the stage before where none is named
    #[arg(value_name = "APP")]
    pub apps: Vec<String>,
    /// Where they are proven; the stage before where it is not said
    #[arg(long, value_name = "ENV")]
    pub from: Option<String>,
    /// Where they go
    #[arg(long, value_name = "ENV")]
    pub to: String,
    /// Write nothing; say what would go, and exit 1 if anything would
    #[arg(long)]
    pub check: bool,
    /// Skip a stage
    #[arg(long)]
    pub force: bool,
    /// Commit and push it; to a branch of its own where the environment says so (`promote.via`), as `prod` does by default
    #[arg(long, conflicts_with = "check")]
    pub push: bool,
    /// Commit it and push it to this branch, for a pull request; the checkout stays as it was
    #[arg(long, value_name = "BRANCH", conflicts_with = "check")]
    pub branch: Option<String>,
    /// The image of the one app that goes, where no pin says it
    #[arg(long, value_name = "REF@DIGEST")]
    pub image: Option<String>,
    /// The kube context of the stage before, where its cluster says which images run (`deploy: kubectl`)
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// The kubeconfig
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// How the result is written
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// `gen wait`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  gen commit --env staging --push && gen wait orders --env staging\n\nIn a pod without a kubeconfig it asks as the pod's service account. It needs the right to get the\napp's Kustomization and its workload, and nothing else."
)]
pub struct Wait {
    /// The app
    pub app: String,
    /// The environment
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environment: String,
    /// The commit that Flux must have applied, or one after it
    #[arg(long, value_name = "COMMIT", default_value = "HEAD")]
    pub revision: String,
    /// The image that must run; the pinned one where it is not said
    #[arg(long, value_name = "REF@DIGEST")]
    pub image: Option<String>,
    /// How long the rollout may take; what Flux needs to see and apply the commit comes on top
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub timeout: String,
    /// Give up after so long, whatever Flux needs
    #[arg(long, value_name = "DURATION")]
    pub at_most: Option<String>,
    /// The kube context, instead of the environment's
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
    /// The kubeconfig
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
}

/// `gen log`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen log                        the last commits that changed an environment\n  gen log orders --env prod      which images orders had in prod, and since when"
)]
pub struct Log {
    /// Only what concerns this app
    pub app: Option<String>,
    /// Only what concerns this environment
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environment: Option<String>,
    /// How many commits
    #[arg(short = 'n', value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub number: u32,
    /// How the result is written
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Text,
    /// For programs; `gen schema diff` describes it.
    Json,
    /// For the comment of a pull request.
    Markdown,
}

/// `gen diff`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen diff --env dev                         what Flux would change in the cluster of dev\n  gen diff --against main -o markdown        what a branch changes, for its pull request\n  gen diff --against HEAD~1 --summary        a line an object\n\nEvery object is one of:\n  pruned        Flux would delete it\n  blocked       the API server would refuse it\n  changed       fields differ\n  created       it is not there yet\n  kept          Flux leaves it as it is, because an annotation says so\n  opaque        it is encrypted, and only what is readable was compared\n  not compared  nothing is known of it, so the result is incomplete\n  unchanged     applying it changes nothing\n\nExit status: 0 no difference · 1 differences · 2 incomplete, or the cluster failed"
)]
#[allow(clippy::struct_excessive_bools)]
pub struct Diff {
    /// Compare only these environments
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environments: Vec<String>,
    /// Compare only these apps
    #[arg(long = "app", short = 'a', value_name = "APP")]
    pub apps: Vec<String>,
    /// With what: the live cluster, the tree at a git revision, or one in a folder
    #[arg(long, value_name = "cluster|REF|DIR", default_value = "cluster")]
    pub against: String,
    /// Send no dry-run: needs no right to patch, and says what it could not verify
    #[arg(long)]
    pub read_only: bool,
    /// The kube context, instead of what the environments say
    #[arg(long, value_name = "CONTEXT")]
    pub context: Option<String>,
    /// The kubeconfig, instead of KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// How many requests are under way at once
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub concurrency: u16,
    /// How it is written
    #[arg(short, long, value_enum, default_value_t = DiffFormat::Text)]
    pub output: DiffFormat,
    /// Leave out the fields: counts, permissions and a line an object
    #[arg(long)]
    pub summary: bool,
    /// Show the values of Secrets; on a terminal only
    #[arg(long)]
    pub show_secrets: bool,
}

/// `gen commit`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen commit                               render and commit, with a message that says what changed\n  gen commit --push                        … and push; where the branch moved, render again on top\n  gen commit --branch raise-limits         push another branch, for a pull request\n  gen commit --env dev --app orders --push one app in one environment, as a pipeline does\n\nOnly what gen reads and writes is committed: gen.yaml and what it includes, environments/,\ntemplates/, raw manifests, and its own files below clusters/. Your index and other edits stay."
)]
#[allow(clippy::struct_excessive_bools)]
pub struct Commit {
    /// Render and commit only these environments' part of clusters/
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environments: Vec<String>,
    /// Render and commit only these apps' part of clusters/
    #[arg(long = "app", short = 'a', value_name = "APP")]
    pub apps: Vec<String>,
    /// The message, instead of one that says what changed
    #[arg(short, long, value_name = "MSG", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub message: Option<String>,
    /// Push it; where the branch moved, render again on top of what is there
    #[arg(long)]
    pub push: bool,
    /// Push it to this branch of the remote, for a pull request; your own branch stays
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    /// Sign it, also where `commit.gpgSign` does not say so
    #[arg(long)]
    pub sign: bool,
    /// Commit here although the branch lacks commits of the one it follows
    #[arg(long, conflicts_with_all = ["push", "branch"])]
    pub allow_behind: bool,
    /// Say what would be committed, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How long a push is tried again when others are faster, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub retry_for: u64,
    /// How the result is written
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// `gen run`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  gen run demo-app --env dev | kubectl create -f -")]
pub struct Run {
    /// The app
    pub app: String,
    /// The environment
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environment: String,
    /// A parameter of the pipeline
    #[arg(long = "param", short = 'p', value_name = "KEY=VALUE")]
    pub params: Vec<String>,
}

/// `gen secrets`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  gen secrets --env dev\n  gen secrets --env dev --live    which of them are missing in the cluster\n\nThe commands name files in place of values: a value on a command line stays in the shell's history."
)]
pub struct Secrets {
    /// Only these environments
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environments: Vec<String>,
    /// Only these apps
    #[arg(long = "app", short = 'a', value_name = "APP")]
    pub apps: Vec<String>,
    /// Ask the clusters which are there; of a Secret only its metadata is asked for, never a value
    #[arg(long)]
    pub live: bool,
    /// The kube context, instead of what the environments say
    #[arg(long, value_name = "CONTEXT", requires = "live")]
    pub context: Option<String>,
    /// The kubeconfig, instead of KUBECONFIG or ~/.kube/config
    #[arg(long, value_name = "FILE", requires = "live")]
    pub kubeconfig: Option<PathBuf>,
    /// How the list is written
    #[arg(short, long, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
}

/// `gen trigger`.
#[derive(Debug, Args)]
pub struct Trigger {
    /// What to do
    #[command(subcommand)]
    pub action: TriggerAction,
}

/// What to do with triggers.
#[derive(Debug, Subcommand)]
pub enum TriggerAction {
    /// Show the run that an event would start, or who says no
    #[command(
        after_help = "Example:\n  gen trigger test orders --env dev --event push.json --header 'X-GitHub-Event: push'\n\nThe signature is not checked: its secret is in the cluster alone. Exit status: 0 a run starts · 1 none does."
    )]
    Test(TriggerTest),
}

/// `gen trigger test`.
#[derive(Debug, Args)]
pub struct TriggerTest {
    /// The app
    pub app: String,
    /// The environment
    #[arg(long = "env", short = 'e', value_name = "ENV")]
    pub environment: String,
    /// The body that the git host sends, a JSON file
    #[arg(long, value_name = "FILE")]
    pub event: PathBuf,
    /// A header of the request; the kind of event is guessed from the body where none names it
    #[arg(long = "header", short = 'H', value_name = "NAME: VALUE")]
    pub headers: Vec<String>,
}

/// `gen explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// A key path as in `apps.NAME.source`, or an error code as in GEN0312; everything where missing
    #[arg(value_name = "KEY.PATH")]
    pub path: Option<String>,
}

/// `gen schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Of what
    #[arg(value_enum, value_name = "WHAT", default_value_t = SchemaOf::Spec)]
    pub of: SchemaOf,
}

/// What there is a JSON schema of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// gen.yaml, included files, environments and pins, for editors.
    Spec,
    /// What `gen diff -o json` prints.
    Diff,
}

/// `gen template`.
#[derive(Debug, Args)]
pub struct Template {
    /// What to do with templates
    #[command(subcommand)]
    pub action: TemplateAction,
}

/// What to do with templates.
#[derive(Debug, Subcommand)]
pub enum TemplateAction {
    /// List all templates, and which of them templates/ replaces
    List,
    /// Print one
    Show {
        /// Its name, as in `tasks/build-image`
        name: String,
    },
    /// Copy a built-in template to templates/, to change it there
    Eject {
        /// Its name, as in `tasks/build-image`
        name: String,
    },
}
