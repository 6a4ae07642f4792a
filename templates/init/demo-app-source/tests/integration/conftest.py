"""With APP_URL set, the tests ask that deployment, and no server is started."""

import os

import pytest
from server import Client, Server

APP_URL = os.environ.get("APP_URL", "").rstrip("/")


@pytest.fixture(scope="session")
def app(tmp_path_factory):
    """A running app, for tests that only ask it."""
    if APP_URL:
        client = Client(APP_URL)
        assert client.wait_until_ready(), f"{APP_URL}/ready does not answer with 200"
        yield client
    else:
        server = Server(tmp_path_factory.mktemp("server") / "log")
        yield server
        server.kill()


@pytest.fixture
def start(tmp_path):
    """Starts a server that belongs to the test alone."""
    servers = []

    def start(**settings):
        servers.append(Server(tmp_path / f"log-{len(servers)}", **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
