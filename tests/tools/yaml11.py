#!/usr/bin/env python3
"""A second reader of YAML 1.1, independent of the Go one: PyYAML's SafeLoader.

Reads a stream of YAML documents on stdin and prints one JSON document a line, keys sorted. The first document that is
refused ends it: its index in the stream, counted from 0, goes to stderr and the exit status is 1.

What JSON has no form for is printed as an object that no string or number equals, so that a string that this reader
took for something else is seen: {"!!timestamp": "2026-01-01"}, {"!!float": "nan"}, a key `"!!bool true"`.
"""

import base64
import datetime
import json
import math
import sys

import yaml


class Loader(yaml.SafeLoader):
    """SafeLoader that refuses duplicate keys, as the Go reader does in its strict form."""


def construct_mapping(loader, node):
    loader.flatten_mapping(node)
    result = {}
    for key_node, value_node in node.value:
        key = key_text(loader.construct_object(key_node, deep=True), key_node)
        if key in result:
            raise yaml.constructor.ConstructorError(
                "while reading a mapping", node.start_mark, f"found the key {key!r} twice", key_node.start_mark
            )
        result[key] = loader.construct_object(value_node, deep=True)
    return result


Loader.add_constructor("tag:yaml.org,2002:map", construct_mapping)


def key_text(key, node):
    # A number or a boolean as a key would collide with the text of the same look.
    if isinstance(key, str):
        return key
    return f"!!{node.tag.rsplit(':', 1)[-1]} {node.value}"


def plain(value):
    """The same value in what JSON can hold."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (datetime.datetime, datetime.date)):
        return {"!!timestamp": value.isoformat()}
    if isinstance(value, bytes):
        return {"!!binary": base64.b64encode(value).decode("ascii")}
    if isinstance(value, (set, frozenset)):
        return {"!!set": sorted(str(item) for item in value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"!!float": str(value)}
    return value


def documents(text):
    """Yields the stream's documents; those of nothing but comments are left out, an explicit null is not."""
    loader = Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None and node.tag.endswith(":null"):
                continue
            yield plain(loader.construct_document(node))
    finally:
        loader.dispose()


def main():
    if len(sys.argv) > 1:
        print(__doc__, file=sys.stderr)
        return 64
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    done = 0
    try:
        # Decoded here, so that the locale has no say; PyYAML checks for characters that YAML forbids.
        for value in documents(sys.stdin.buffer.read().decode("utf-8")):
            print(json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")))
            done += 1
    except (yaml.YAMLError, UnicodeError, ValueError, RecursionError) as error:
        print(f"document {done}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
