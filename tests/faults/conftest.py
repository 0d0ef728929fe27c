"""Servers for bad weather: one that a whole module throws its requests at, and one with quick deadlines."""
import pytest
from support.server import Server


@pytest.fixture(scope="module")
def steady(binary):
    """One server with the settings it has by default; a module's tests must not wear it out."""
    with Server(binary) as server:
        yield server


@pytest.fixture(scope="module")
def hasty(binary):
    """One server whose patience with slow clients ends soon. Between requests it is longer, because there it is up to the
    test to be quick, on a machine that is not."""
    settings = ["head_timeout=300ms", "idle_timeout=2s", "body_grace=1s"]
    with Server(binary, [word for setting in settings for word in ("--set", f"server.{setting}")]) as server:
        yield server
