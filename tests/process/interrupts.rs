//! Ctrl-C: the process ends at once by the signal, which a shell calls 130, and leaves what a kill leaves.
//!
//! Who is started with the signal ignored, as a script's background jobs are, hands that on to its children, and nothing ends them
//! by it. Programs are therefore started here with the signal's default, and that is looked at before the signal is sent.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::support::wait::until;
use crate::support::{GEN, Repo};

/// Linux's number of the signal.
const INTERRUPT: u32 = 2;

/// A program that a signal ends, whoever started this one.
fn interruptible(program: &str) -> Command {
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", program]);
    command
}

/// Sends the signal, which must not be ignored.
#[track_caller]
fn interrupt(pid: u32) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .expect("a mask of signals");
    assert_eq!(ignored >> (INTERRUPT - 1) & 1, 0, "the signal is ignored");
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let pid = pid.expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it is sent");
}

#[track_caller]
fn ended_by_it(child: &mut Child) {
    let status: ExitStatus = child.wait().expect("a child");
    assert_eq!(status.signal(), Some(2), "{status:?}");
}

/// Waits until `env` has become the program itself.
fn is_running(pid: u32, program: &str) -> bool {
    let target = std::fs::read_link(format!("/proc/{pid}/exe"));
    target.is_ok_and(|target| target == Path::new(program).canonicalize().expect("a program"))
}

#[track_caller]
fn soon(is_so: impl FnMut() -> bool) {
    assert!(until(Duration::from_mins(1), is_so), "it does not happen");
}

/// The first child of a process.
fn child_of(pid: u32) -> Option<u32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    children.ok()?.split_whitespace().next()?.parse().ok()
}

fn small() -> Repo {
    let repo = Repo::empty();
    repo.write(
        "gen.yaml",
        "version: 1\nrepository: https://git.example/g.git\napps:\n  shop: {source: https://git.example/shop.git, image: registry.example/shop, pipeline: []}\n",
    );
    repo.write("environments/dev.yaml", "deploy: git\n");
    repo
}

#[test]
fn an_interrupt_is_130_to_a_shell() {
    let repo = small();
    repo.render();
    let before = repo.files();
    // While the lock is held, the render waits: it cannot end before the signal.
    let lock = std::fs::File::open(repo.at(".gen/lock")).expect("the lock");
    lock.lock().expect("the lock");
    let mut child = interruptible(GEN)
        .args(["render", "-q"])
        .current_dir(repo.path())
        .spawn()
        .expect("gen runs");
    soon(|| is_running(child.id(), GEN));
    interrupt(child.id());
    ended_by_it(&mut child);

    let script = "trap : INT; \"$0\" render -q; echo \"status $?\"";
    let shell = interruptible("sh")
        .args(["-c", script, GEN])
        .current_dir(repo.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    soon(|| child_of(shell.id()).is_some_and(|pid| is_running(pid, GEN)));
    interrupt(child_of(shell.id()).expect("gen runs below the shell"));
    let output = shell.wait_with_output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "status 130\n");
    drop(lock);
    assert!(repo.files() == before);
    repo.run(["render", "--check", "-q"]).exits(0);
}

/// An API server that takes a request and never answers it.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let kubeconfig = serde_json::json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "here",
        "clusters": [{"name": "c", "cluster": {"server": format!("http://{address}")}}],
        "users": [{"name": "u", "user": {"token": "none"}}],
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
    });
    (listener, kubeconfig.to_string())
}

/// Takes the next connection and reads the request's first line. The connection stays open as long as what is given back.
fn asked(listener: &TcpListener) -> (TcpStream, String) {
    let (stream, _) = listener.accept().expect("a connection");
    let mut line = String::new();
    let mut reader = BufReader::new(stream.try_clone().expect("a connection"));
    reader.read_line(&mut line).expect("a request");
    (stream, line)
}

/// `gen diff` while a server keeps it waiting.
#[test]
fn an_interrupt_ends_what_waits_for_a_cluster() {
    let repo = small();
    // A server of its own each time: what a process had asked beside the first request is still there when it is gone.
    let server = || {
        let (listener, kubeconfig) = silent();
        repo.write("kubeconfig", kubeconfig);
        listener
    };
    for command in
        [&["diff", "--env", "dev"][..], &["diff", "--env", "dev", "--read-only", "-o", "json"]]
    {
        let listener = server();
        let mut child = interruptible(GEN)
            .args(command)
            .current_dir(repo.path())
            .env("KUBECONFIG", repo.at("kubeconfig"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("gen runs");
        let (_open, line) = asked(&listener);
        assert!(line.starts_with("GET /api"), "{line}");
        interrupt(child.id());
        ended_by_it(&mut child);
        // Nothing that could be taken for a result.
        let output = child.wait_with_output().expect("a child");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    }
    // And through a shell, as a person sees it.
    let listener = server();
    let shell = interruptible("sh")
        .args(["-c", "trap : INT; \"$0\" diff --env dev; echo \"status $?\"", GEN])
        .current_dir(repo.path())
        .env("KUBECONFIG", repo.at("kubeconfig"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let (_open, _) = asked(&listener);
    interrupt(child_of(shell.id()).expect("gen runs below the shell"));
    let output = shell.wait_with_output().expect("a shell");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "status 130\n");
}
