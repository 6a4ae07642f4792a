"""What all measurements share: running a command and telling what it used, where it runs, and how results are printed."""

import contextlib
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RELEASE = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release/gen"


class Failed(Exception):
    """A command did not do what it had to; its output is the message."""


class Run:
    """One run of a command: wall time and processor time in seconds, peak memory in bytes."""

    def __init__(self, seconds, processor=0.0, peak=0):
        self.seconds, self.processor, self.peak = seconds, processor, peak


def run(command, env=None, statuses=(0,)):
    """Runs a command by itself; `wait4` tells what this one child used. Another exit status than these is a failure.

    The kernel counts this script's own memory at the moment of the start as the child's, so nothing large is held here.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in statuses:
            errors.seek(0)
            text = errors.read().decode(errors="replace")[-4000:]
            raise Failed(f"`{' '.join(map(str, command))}` ended with status {child.returncode}\n{text}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def output(command, env=None):
    """What a command prints, its messages included."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env
    )
    if done.returncode != 0:
        raise Failed(f"`{' '.join(map(str, command))}` ended with status {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def binary(path):
    path = path.resolve()
    if not path.is_file():
        raise Failed(f"{path} is missing: build it with `make build`, or name another with --gen")
    return path


def filesystem(path):
    """The type of the file system that holds a folder, as the kernel names it."""
    path, best = pathlib.Path(path).resolve(), ("", "unknown")
    with contextlib.suppress(OSError), open("/proc/self/mounts") as mounts:
        for line in mounts:
            _, point, kind, *_ = line.split()
            if path.is_relative_to(point) and len(point) >= len(best[0]):
                best = (point, kind)
    return best[1]


def machine():
    with contextlib.suppress(OSError, StopIteration), open("/proc/cpuinfo") as lines:
        model = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
        return f"{len(os.sched_getaffinity(0))} cores, {model}"
    return f"{os.cpu_count()} cores"


class Rows:
    """Measurements by name, in the order of their first appearance."""

    def __init__(self):
        self.runs = {}

    def add(self, name, measured):
        self.runs.setdefault(name, []).append(measured)

    def median(self, name):
        return statistics.median(one.seconds for one in self.runs[name])

    def peak(self, name):
        """Megabytes."""
        return max(one.peak for one in self.runs[name]) / 1e6

    def cells(self, name):
        """Median and shortest time, median processor time, peak memory; blank where it was not measured."""
        if name not in self.runs:
            return ""
        shortest = min(one.seconds for one in self.runs[name])
        processor = statistics.median(one.processor for one in self.runs[name])
        used = f"{processor:8.3f} s {self.peak(name):6.0f} MB" if processor else ""
        return f"{self.median(name):8.3f} s {shortest:8.3f} s {used}"


HEADINGS = f"{'median':>10} {'min':>10} {'processor':>10} {'peak':>9}"


def print_rows(columns):
    """Prints measurements side by side: `columns` has the rows of each contender by its name."""
    width = len(HEADINGS)
    if len(columns) > 1:
        print(" " * 50 + "   ".join(f"{title:>{width}}" for title in columns))
    print(" " * 50 + "   ".join([HEADINGS] * len(columns)))
    for name in next(iter(columns.values())).runs:
        cells = (f"{rows.cells(name):{width}}" for rows in columns.values())
        print(f"{name:50}{'   '.join(cells)}".rstrip())


def heading(text):
    print(f"\n{text}\n{'-' * len(text)}", flush=True)
