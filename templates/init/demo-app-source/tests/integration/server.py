"""Starts the app as the image does: gunicorn in a process of its own, on a free loopback port."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

SOURCE = Path(__file__).parents[2]
START_SECONDS = 60

# Straight to the app: a proxy from the environment would not find a loopback port.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Client:
    def __init__(self, url):
        self.url = url

    def get(self, path):
        """The response, whatever its status; OSError where there is none."""
        try:
            response = opener.open(self.url + path, timeout=10)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            response.text = response.read().decode()
        return response

    def wait_until_ready(self, worth_waiting=lambda: True):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and worth_waiting():
            try:
                if self.get("/ready").status == 200:
                    return True
            except OSError:
                pass
            time.sleep(0.05)
        return False


class Server(Client):
    def __init__(self, log, **settings):
        self.log = log
        for _ in range(3):
            # Another program may take the port between the look and the use; then the next one is tried.
            self.port = free_port()
            super().__init__(f"http://127.0.0.1:{self.port}")
            self.process = spawn(log, PORT=str(self.port), **settings)
            # The log says that this server, not a stranger, has the port.
            if self.wait_for_log(f"Listening at: {self.url} ") and self.wait_until_ready(self.running):
                return
            self.kill()
        raise RuntimeError(f"the server did not start:\n{log.read_text()}")

    def running(self):
        return self.process.poll() is None

    def wait_for_log(self, text):
        deadline = time.monotonic() + START_SECONDS
        while text not in self.log.read_text():
            if time.monotonic() > deadline or not self.running():
                return False
            time.sleep(0.05)
        return True

    def terminate(self):
        """As Kubernetes does it: a SIGTERM to process 1."""
        self.process.send_signal(signal.SIGTERM)

    def kill(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # ended by itself
        self.process.wait()


def spawn(log, **settings):
    # Only what the test sets may configure the server, not the shell that the tests run in.
    own = re.compile("GUNICORN|PORT$|LOG_LEVEL$|DRAIN_SECONDS$")
    inherited = {name: value for name, value in os.environ.items() if not own.match(name)}
    env = inherited | {"BIND_HOST": "127.0.0.1", "PYTHONDONTWRITEBYTECODE": "1"} | settings
    with log.open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=SOURCE,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a process group of its own, which kill() can end whole
        )


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
