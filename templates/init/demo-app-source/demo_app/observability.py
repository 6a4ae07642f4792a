"""What an operator sees of the app: a metric and a log line for each request, and `/metrics` to read the former."""

import logging
import time

from flask import Flask, Response, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.exposition import choose_encoder

access_log = logging.getLogger("demo_app.access")

LABELS = ("method", "endpoint", "status")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Asked every few seconds by the cluster itself: their successes are logged only at DEBUG, or they would bury the rest.
PROBES = {"/health", "/ready", "/metrics"}


def attach(app: Flask) -> None:
    # A registry for each app, rather than the library's global one, so that a test counts only its own requests.
    registry = CollectorRegistry()
    for collector in (GCCollector, PlatformCollector, ProcessCollector):
        collector(registry=registry)
    requests = Counter("http_requests", "Requests answered.", LABELS, registry=registry)
    durations = Histogram("http_request_duration_seconds", "Time to answer a request.", LABELS, registry=registry)

    @app.before_request
    def start():
        g.started = time.perf_counter()

    @app.after_request
    def record(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        labels = (_method(), _endpoint(), str(response.status_code))
        requests.labels(*labels).inc()
        durations.labels(*labels).observe(seconds)

        quiet = _endpoint() in PROBES and response.status_code < 400
        fields = {
            "method": request.method,
            "path": request.path,  # without the query, which may hold tokens
            "status": response.status_code,
            "duration_ms": round(seconds * 1000, 3),
            "remote": request.remote_addr,
        }
        access_log.log(logging.DEBUG if quiet else logging.INFO, "request", extra={"fields": fields})
        return response

    @app.get("/metrics")
    def metrics():
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=content_type)


# Label values come from fixed sets, never from the client: each new one is a time series that stays in memory.


def _method() -> str:
    return request.method if request.method in METHODS else "other"


def _endpoint() -> str:
    return request.url_rule.rule if request.url_rule else "unmatched"
