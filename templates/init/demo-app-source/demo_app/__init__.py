"""A small web service that shows what a cluster expects of one: probes, metrics, structured logs and a graceful end."""

from flask import Flask

from demo_app import observability
from demo_app.lifecycle import Lifecycle, process


def create_app(lifecycle: Lifecycle = process) -> Flask:
    app = Flask(__name__, static_folder=None)
    observability.attach(app)

    @app.get("/")
    def index():
        return {"app": "demo-app", "message": "It works."}

    @app.get("/health")
    def health():
        # Says only that the process answers. A check of other services here would restart healthy pods when those fail.
        return {"status": "ok"}

    @app.get("/ready")
    def ready():
        if lifecycle.draining:
            return {"status": "draining"}, 503
        return {"status": "ready"}

    return app
