"""One JSON object a line on stdout, for the app and for gunicorn alike, so that one parser reads it all."""

import json
import logging
from datetime import UTC, datetime


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def config(level: str) -> dict:
    """The form that logging.config.dictConfig takes."""
    # gunicorn's own DEBUG lines are about its sockets and settings, and would bury those of the app.
    gunicorn_level = "INFO" if level == "DEBUG" else level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}},
        "root": {"level": level, "handlers": ["stdout"]},
        # gunicorn gives its logger a handler of its own; without it, lines go to the root's.
        "loggers": {"gunicorn.error": {"level": gunicorn_level, "handlers": [], "propagate": True}},
    }
