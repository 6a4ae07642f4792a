//! The program: hands over to the library and ends with its exit status.

fn main() -> std::process::ExitCode {
    gitops_gen::cli::main()
}
