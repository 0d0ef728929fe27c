"""What every Python test may ask for: the program under test, and a server of it with a data folder of its own."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # support, tidy and run are modules
from support.server import Server  # noqa: E402: only found once the line above has run

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def binary() -> Path:
    """The program that ./dev built; a pytest started by hand takes the release."""
    path = Path(os.environ.get("LODESTONE_BINARY", ROOT / "build/release/lodestone"))
    assert path.exists(), f"{path} does not exist: run ./dev build"
    return path


@pytest.fixture
def server(binary):
    """A running server with the settings it has without a configuration file."""
    with Server(binary) as running:
        yield running


@pytest.fixture
def start_server(binary):
    """Starts servers with arguments, environment or files of the test's choice: start_server("--flag", env={…})."""
    running = []

    def start(*arguments, **options):
        one = Server(binary, arguments, **options)
        running.append(one)
        return one.start()

    yield start
    for one in running:
        one.stop()
