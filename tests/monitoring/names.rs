//! Rules ask for series that there are: those of the demo application are asked of itself.

use std::process::Command;

use crate::{project, tool};

#[test]
fn the_demo_application_has_the_series_that_rules_ask_for() {
    let Some(python) = tool("GEN_TEST_DEMO_PYTHON", "demo-app") else {
        return;
    };
    let script = "from demo_app import create_app\nclient = create_app().test_client()\nfor path in ['/', '/health', '/nowhere']: client.get(path)\nprint(client.get('/metrics').text)";
    let output = Command::new(python)
        .args(["-B", "-c", script])
        .current_dir(project().join("templates/init/demo-app-source"))
        .output()
        .expect("Python runs");
    let metrics = String::from_utf8(output.stdout).expect("UTF-8");
    let keys =
        std::fs::read_to_string(project().join("src/spec/keys/program.yaml")).expect("source");
    for name in ["http_requests_total", "http_request_duration_seconds"] {
        assert!(keys.contains(&format!("default: {name},")), "{name}");
    }
    // The labels by which requests are told from probes, and answers from errors.
    for series in [
        "http_requests_total{endpoint=\"/\",method=\"GET\",status=\"200\"} 1.0",
        "http_requests_total{endpoint=\"/health\",method=\"GET\",status=\"200\"} 1.0",
        "http_requests_total{endpoint=\"unmatched\",method=\"GET\",status=\"404\"} 1.0",
        "http_request_duration_seconds_bucket{endpoint=\"/\",le=\"+Inf\",method=\"GET\",status=\"200\"} 1.0",
    ] {
        assert!(metrics.contains(series), "{series} is not among\n{metrics}");
    }
}
