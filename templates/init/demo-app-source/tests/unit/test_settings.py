import pytest

from demo_app.settings import Settings


def test_defaults_need_no_environment():
    assert Settings.from_env({}) == Settings("0.0.0.0", 8080, "INFO", 5)


def test_an_empty_variable_is_as_good_as_none():
    assert Settings.from_env({"PORT": "", "LOG_LEVEL": "", "BIND_HOST": "", "DRAIN_SECONDS": ""}) == Settings()


def test_reads_every_variable():
    env = {"PORT": "9000", "LOG_LEVEL": "debug", "BIND_HOST": "127.0.0.1", "DRAIN_SECONDS": "0"}
    assert Settings.from_env(env) == Settings("127.0.0.1", 9000, "DEBUG", 0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "http"),
        ("PORT", "8080.0"),
        ("PORT", "٨٠"),
        ("DRAIN_SECONDS", "601"),
        ("DRAIN_SECONDS", "1.5"),
        ("LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_the_variable(name, text):
    with pytest.raises(ValueError, match=f"^{name} must be .* not '.+'$"):
        Settings.from_env({name: text})
