"""A gunicorn worker that keeps serving for a moment after SIGTERM.

Kubernetes sends SIGTERM and takes the pod out of its Services at the same time, so requests still arrive for a few seconds.
Stopping at once would refuse them. This worker first turns `/ready` to 503, serves on for DRAIN_SECONDS, and only then stops
accepting connections and finishes what is in flight.
"""

import signal

from gunicorn.workers.gthread import ThreadWorker

from demo_app.lifecycle import process
from demo_app.settings import Settings


class DrainingWorker(ThreadWorker):
    def init_signals(self):
        super().init_signals()
        self.drain_seconds = Settings.from_env().drain_seconds
        signal.signal(signal.SIGALRM, self.handle_drained)
        signal.siginterrupt(signal.SIGALRM, False)

    def handle_exit(self, sig, frame):
        if process.draining:
            return  # a second SIGTERM neither shortens nor restarts the wait
        process.draining = True
        if self.drain_seconds:
            # An alarm, not a thread: a signal handler that starts threads can deadlock with the thread pool.
            signal.alarm(self.drain_seconds)
        else:
            super().handle_exit(sig, frame)

    def handle_drained(self, sig, frame):
        super().handle_exit(sig, frame)
