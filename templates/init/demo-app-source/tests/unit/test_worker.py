import signal

import pytest

from demo_app.lifecycle import process
from demo_app.worker import DrainingWorker


@pytest.fixture
def alarms(monkeypatch):
    monkeypatch.setattr(process, "draining", False)
    alarms = []
    monkeypatch.setattr(signal, "alarm", alarms.append)
    return alarms


@pytest.fixture
def worker():
    """A worker with only what its signal handlers touch; the integration tests run a whole one."""
    worker = DrainingWorker.__new__(DrainingWorker)
    worker.alive = True
    worker.drain_seconds = 5
    worker.method_queue = type("Queue", (), {"defer": lambda self, callback: None})()
    return worker


def test_serves_on_until_the_alarm(worker, alarms):
    worker.handle_exit(signal.SIGTERM, None)
    assert (process.draining, worker.alive, alarms) == (True, True, [5])
    worker.handle_drained(signal.SIGALRM, None)
    assert not worker.alive


def test_a_second_sigterm_neither_shortens_nor_restarts_the_wait(worker, alarms):
    worker.handle_exit(signal.SIGTERM, None)
    worker.handle_exit(signal.SIGTERM, None)
    assert (worker.alive, alarms) == (True, [5])


def test_ends_at_once_without_draining(worker, alarms):
    worker.drain_seconds = 0
    worker.handle_exit(signal.SIGTERM, None)
    assert (worker.alive, alarms) == (False, [])
