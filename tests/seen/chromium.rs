//! A browser that is told what to do, and says what it did: Chromium by its DevTools protocol
//! (<https://chromedevtools.github.io/devtools-protocol/>), each message a JSON text that ends with a zero byte.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::needs;

/// How long an answer may take: only a browser that hangs takes it.
const PATIENCE: Duration = Duration::from_mins(2);

/// A browser with one page.
pub struct Browser {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Value>,
    session: String,
    sent: u64,
    /// What happened since the page was opened.
    events: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Starts one; skips the test where the machine has none.
    pub fn start() -> Option<Self> {
        let program = needs::program("chromium")?;
        let profile = tempfile::tempdir().expect("a folder");
        // It reads from the third file and writes to the fourth, which only a shell gives it.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>&1 </dev/null"])
            .arg(program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--remote-debugging-pipe", "--window-size=1280,900"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let commands = child.stdin.take().expect("a pipe");
        let mut said = BufReader::new(child.stdout.take().expect("a pipe"));
        let (send, answers) = channel();
        std::thread::spawn(move || {
            let mut text = Vec::new();
            while said.read_until(0, &mut text).is_ok_and(|length| length > 0) {
                let message = text.strip_suffix(b"\0").unwrap_or(&text);
                let message = serde_json::from_slice(message).expect("it speaks JSON");
                if send.send(message).is_err() {
                    return;
                }
                text.clear();
            }
        });
        let mut browser = Self {
            child,
            commands,
            answers,
            session: String::new(),
            sent: 0,
            events: Vec::new(),
            _profile: profile,
        };
        let target = browser.tell("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = browser.tell(
            "Target.attachToTarget",
            &json!({"targetId": target["targetId"], "flatten": true}),
        );
        attached["sessionId"].as_str().expect("a session").clone_into(&mut browser.session);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.tell(&format!("{domain}.enable"), &json!({}));
        }
        Some(browser)
    }

    /// Sends a command, and waits for its answer.
    pub fn tell(&mut self, method: &str, parameters: &Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        self.commands.write_all(format!("{message}\0").as_bytes()).expect("it listens");
        loop {
            let mut answer = self.next();
            if answer["id"] == self.sent {
                assert_eq!(answer["error"], Value::Null, "{method}: {answer}");
                return answer["result"].take();
            }
            self.events.push(answer);
        }
    }

    fn next(&self) -> Value {
        self.answers.recv_timeout(PATIENCE).expect("the browser answers")
    }

    /// Opens a file, and waits until it is there.
    pub fn open(&mut self, file: &Path) {
        self.events.clear();
        self.tell("Page.navigate", &json!({"url": format!("file://{}", file.display())}));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.next();
            self.events.push(event);
        }
    }

    /// What an expression of JavaScript is on the page.
    pub fn ask(&mut self, expression: &str) -> Value {
        let mut said = self
            .tell("Runtime.evaluate", &json!({"expression": expression, "returnByValue": true}));
        assert_eq!(said["exceptionDetails"], Value::Null, "{expression}: {said}");
        said["result"]["value"].take()
    }

    /// Presses a key, by its name and what it writes.
    pub fn press(&mut self, key: &str, text: &str) {
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            _ => 0,
        };
        let event = |kind: &str| {
            let mut event = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            event
        };
        self.tell("Input.dispatchKeyEvent", &event("keyDown"));
        self.tell("Input.dispatchKeyEvent", &event("keyUp"));
    }

    /// Writes where the cursor is.
    pub fn write(&mut self, text: &str) {
        self.tell("Input.insertText", &json!({"text": text}));
    }

    /// Clicks in the middle of the first element that a selector names.
    pub fn click(&mut self, selector: &str) {
        let at = self.ask(&format!(
            "(() => {{ const one = document.querySelector('{selector}'); one.scrollIntoView({{block: 'center'}}); const {{x, y, width, height}} = one.getBoundingClientRect(); return [x + Math.min(width, 40) / 2, y + height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
            self.tell("Input.dispatchMouseEvent", &event);
        }
    }

    /// The window's width in columns of pixels, and the colours that the person prefers.
    pub fn look(&mut self, width: u32, scheme: &str) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.tell("Emulation.setDeviceMetricsOverride", &size);
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.tell("Emulation.setEmulatedMedia", &media);
    }

    /// What went wrong since the page was opened, and what it asked for beside itself.
    pub fn complaints(&mut self) -> Vec<String> {
        // Whatever is under way has been said when this is answered.
        self.ask("0");
        let wrong = |event: &Value| {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Runtime.exceptionThrown" | "Log.entryAdded" => Some(parameters.to_string()),
                "Runtime.consoleAPICalled" if parameters["type"] == "error" => {
                    Some(parameters.to_string())
                }
                "Network.requestWillBeSent" if parameters["type"] != "Document" => {
                    Some(parameters["request"]["url"].to_string())
                }
                _ => None,
            }
        };
        self.events.iter().filter_map(wrong).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
