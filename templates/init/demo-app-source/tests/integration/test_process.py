"""What the process does from its start to its end: logs, counts, drains."""

import json
import os
import socket
import time

import pytest
from server import spawn

pytestmark = pytest.mark.skipif(bool(os.environ.get("APP_URL")), reason="APP_URL names a process that is not ours to end")

# Less than the 20 seconds after which gunicorn kills a worker that has not ended, and calls that a success.
END_SECONDS = 15


def test_every_count_is_in_every_scrape(start):
    server = start()
    for _ in range(40):
        server.get("/")
    for _ in range(5):
        assert 'http_requests_total{endpoint="/",method="GET",status="200"} 40.0' in server.get("/metrics").text


def test_every_log_line_is_json(start):
    server = start()
    server.get("/nowhere?token=secret")
    assert server.wait_for_log("/nowhere")
    entries = [json.loads(line) for line in server.log.read_text().splitlines()]
    (request,) = [entry for entry in entries if entry["logger"] == "demo_app.access"]
    assert (request["method"], request["path"], request["status"]) == ("GET", "/nowhere", 404)
    assert "secret" not in server.log.read_text()


def test_drains_on_sigterm_and_exits_with_0(start):
    server = start(DRAIN_SECONDS="3")
    server.terminate()
    deadline = time.monotonic() + 3
    while server.get("/ready").status != 503:
        assert time.monotonic() < deadline, "/ready never turned 503"
        time.sleep(0.05)
    assert server.get("/health").status == 200
    assert server.get("/").status == 200
    assert server.process.wait(timeout=END_SECONDS) == 0
    with pytest.raises(OSError):
        server.get("/health")


def test_finishes_what_is_in_flight_after_draining(start):
    server = start(DRAIN_SECONDS="1")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        assert server.get("/health").status == 200  # the server has accepted what came before this
        server.terminate()
        time.sleep(2)
        assert server.running()
        client.sendall(b"\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
    assert server.process.wait(timeout=END_SECONDS) == 0


def test_no_draining_where_it_is_switched_off(start):
    server = start(DRAIN_SECONDS="0")
    server.terminate()
    assert server.process.wait(timeout=END_SECONDS) == 0


def test_a_wrong_setting_stops_the_start(tmp_path):
    process = spawn(tmp_path / "log", PORT="http")
    assert process.wait(timeout=END_SECONDS) != 0
    assert "PORT must be a whole number from 1 to 65535, not 'http'" in (tmp_path / "log").read_text()
