import logging

import pytest

from demo_app import create_app
from demo_app.lifecycle import Lifecycle


@pytest.fixture
def lifecycle():
    return Lifecycle()


@pytest.fixture
def app(lifecycle):
    return create_app(lifecycle)


@pytest.fixture
def client(app):
    return app.test_client()


def samples(client, name):
    """The samples of one metric, as {labels: value}."""
    lines = client.get("/metrics").text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line.startswith(name + "{"))
    return {labels.removeprefix(name): float(value) for labels, value in pairs}


def test_index_names_the_app(client):
    response = client.get("/")
    assert response.status_code == 200
    assert response.json["app"] == "demo-app"


def test_ready_turns_503_while_draining_and_health_does_not(client, lifecycle):
    assert (client.get("/ready").status_code, client.get("/ready").json) == (200, {"status": "ready"})
    lifecycle.draining = True
    assert (client.get("/ready").status_code, client.get("/ready").json) == (503, {"status": "draining"})
    assert client.get("/health").status_code == 200
    assert client.get("/").status_code == 200


def test_counts_by_method_endpoint_and_status(client):
    client.get("/")
    client.get("/")
    client.head("/health")
    assert samples(client, "http_requests_total") == {
        '{endpoint="/",method="GET",status="200"}': 2,
        '{endpoint="/health",method="HEAD",status="200"}': 1,
    }


def test_measures_durations_by_method_endpoint_and_status(client):
    client.get("/")
    labels = '{endpoint="/",method="GET",status="200"}'
    assert samples(client, "http_request_duration_seconds_count") == {labels: 1}
    assert 0 < samples(client, "http_request_duration_seconds_sum")[labels] < 5


def test_a_client_cannot_invent_label_values(client):
    for number in range(50):
        client.get(f"/nowhere/{number}")
        client.open("/", method=f"VERB{number}")
    assert samples(client, "http_requests_total") == {
        '{endpoint="unmatched",method="GET",status="404"}': 50,
        '{endpoint="unmatched",method="other",status="405"}': 50,
    }


def test_an_unexpected_error_is_counted_as_500_and_logged(app, client, caplog):
    @app.get("/broken")
    def broken():
        raise RuntimeError("on purpose")

    assert client.get("/broken").status_code == 500
    assert samples(client, "http_requests_total") == {'{endpoint="/broken",method="GET",status="500"}': 1}
    assert any(record.exc_info and "on purpose" in str(record.exc_info[1]) for record in caplog.records)


def test_two_apps_do_not_share_counts(client):
    client.get("/")
    assert samples(create_app(Lifecycle()).test_client(), "http_requests_total") == {}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
    ],
)
def test_metrics_come_in_the_format_that_the_scraper_asks_for(client, accept, content_type):
    response = client.get("/metrics", headers={"Accept": accept})
    assert response.headers["Content-Type"].startswith(content_type)
    assert "# TYPE http_request_duration_seconds histogram" in response.text
    assert "process_resident_memory_bytes" in response.text


def test_logs_requests_without_their_query(client, caplog):
    caplog.set_level(logging.DEBUG)
    client.get("/?token=secret")
    (record,) = [record for record in caplog.records if record.name == "demo_app.access"]
    duration = record.fields.pop("duration_ms")
    assert record.levelno == logging.INFO
    assert record.fields == {"method": "GET", "path": "/", "status": 200, "remote": "127.0.0.1"}
    assert 0 <= duration < 5000


def test_logs_a_probe_at_debug_unless_it_fails(client, lifecycle, caplog):
    caplog.set_level(logging.DEBUG)
    client.get("/ready")
    lifecycle.draining = True
    client.get("/ready")
    levels = [record.levelno for record in caplog.records if record.name == "demo_app.access"]
    assert levels == [logging.DEBUG, logging.INFO]
