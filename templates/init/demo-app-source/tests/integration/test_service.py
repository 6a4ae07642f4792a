"""What any running deployment must do."""

import json

import pytest


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", {"app": "demo-app", "message": "It works."}),
        ("/health", {"status": "ok"}),
        ("/ready", {"status": "ready"}),
    ],
)
def test_answers_with_json(app, path, expected):
    response = app.get(path)
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(response.text) == expected


def test_metrics_are_prometheus_text(app):
    response = app.get("/metrics")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "# TYPE http_requests_total counter" in response.text
    assert "# TYPE http_request_duration_seconds histogram" in response.text


def test_an_unknown_path_is_404(app):
    assert app.get("/nowhere").status == 404
