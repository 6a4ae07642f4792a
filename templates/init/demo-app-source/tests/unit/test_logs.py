import json
import logging
import sys

from demo_app.logs import JsonFormatter


def entry(message, *args, exc_info=None, **fields):
    record = logging.LogRecord("name", logging.WARNING, __file__, 1, message, args, exc_info)
    record.fields = fields
    line = JsonFormatter().format(record)
    assert "\n" not in line
    return json.loads(line)


def test_holds_time_level_logger_message_and_fields():
    result = entry("hello %s", "world", status=200)
    assert result.pop("time").endswith("+00:00")
    assert result == {"level": "WARNING", "logger": "name", "message": "hello world", "status": 200}


def test_hostile_text_stays_one_line_and_one_value():
    text = 'a"b\\c\r\n{"level": "INFO"}\u2028\x00'
    assert entry("request", path=text)["path"] == text


def test_an_exception_comes_with_its_traceback():
    try:
        raise RuntimeError("on purpose")
    except RuntimeError:
        result = entry("failed", exc_info=sys.exc_info())
    assert result["exception"].startswith("Traceback")
    assert "RuntimeError: on purpose" in result["exception"]
