"""Deterministic draws and the YAML that the mixed fleet is written in."""

import hashlib
import json
import re

# Plain scalars that YAML reads back as this text; whatever else is quoted.
PLAIN = re.compile(r"[A-Za-z/](?:[A-Za-z0-9_./@-]|:(?=[A-Za-z0-9/]))*|[0-9]+(?:m|h|Mi|Gi)")
RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
FLOW_WIDTH = 100


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Draw:
    """A sequence of choices that depends on its seed only, not on Python's version or the clock."""

    def __init__(self, seed):
        self.seed, self.turn = seed, 0

    def below(self, limit):
        self.turn += 1
        return int(digest(f"{self.seed} {self.turn}")[:12], 16) % limit

    def between(self, least, most):
        return least + self.below(most - least + 1)

    def chance(self, percent):
        return self.below(100) < percent

    def pick(self, options):
        return options[self.below(len(options))]

    def some(self, options, least, most):
        """Between `least` and `most` different options, in drawn order."""
        rest, taken = list(options), []
        for _ in range(min(self.between(least, most), len(rest))):
            taken.append(rest.pop(self.below(len(rest))))
        return taken


def scalar(value):
    if not isinstance(value, str):
        return json.dumps(value)
    if PLAIN.fullmatch(value) and value.lower() not in RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def has_lines(value):
    if isinstance(value, dict):
        return any(map(has_lines, value.values()))
    if isinstance(value, list):
        return any(map(has_lines, value))
    return isinstance(value, str) and "\n" in value


def lines(value, indent):
    """The lines of a block collection; short ones without longer text stand on one line, as people write them."""
    pad = " " * indent
    items = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    for key, item in items:
        head = "-" if key is None else f"{scalar(key)}:"
        if isinstance(item, str) and "\n" in item:
            yield f"{pad}{head} |"
            yield from (f"{pad}  {line}".rstrip() for line in item.removesuffix("\n").split("\n"))
        elif not isinstance(item, (dict, list)) or (not has_lines(item) and len(flow(item)) < FLOW_WIDTH):
            yield f"{pad}{head} {flow(item)}"
        elif head == "-":
            first, *rest = lines(item, indent + 2)
            yield f"{pad}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{pad}{head}"
            yield from lines(item, indent + 2)


def dump(value, indent=0):
    return "".join(line + "\n" for line in lines(value, indent))
