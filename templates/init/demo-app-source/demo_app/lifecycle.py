"""Whether this process is about to end. The worker writes it, `/ready` reads it."""

from dataclasses import dataclass


@dataclass
class Lifecycle:
    # A plain attribute, not a threading.Event: a signal handler sets it, and must not wait for a lock.
    draining: bool = False


process = Lifecycle()
