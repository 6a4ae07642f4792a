"""Configuration, from environment variables only. A wrong value stops the start; it never becomes a default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class Settings:
    host: str = "0.0.0.0"
    port: int = 8080
    log_level: str = "INFO"
    drain_seconds: int = 5

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        level = (env.get("LOG_LEVEL") or cls.log_level).upper()
        if level not in LOG_LEVELS:
            raise ValueError(f"LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, not {level!r}")
        return cls(
            host=env.get("BIND_HOST") or cls.host,
            port=_whole_number(env, "PORT", cls.port, 1, 65535),
            log_level=level,
            drain_seconds=_whole_number(env, "DRAIN_SECONDS", cls.drain_seconds, 0, 600),
        )


def _whole_number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ValueError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)
