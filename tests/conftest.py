"""What every Python test may ask for: the program under test, and a server of it with a data folder of its own."""
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # support, tidy and run are modules
from support import postgres  # noqa: E402: only found once the line above has run
from support.installation import installed  # noqa: E402: likewise
from support.progress import Progress  # noqa: E402: likewise
from support.server import STARTED, Server  # noqa: E402: likewise

ROOT = Path(__file__).resolve().parent.parent
LOG_TAIL_LINES, LOG_LINE_LIMIT = 20, 400


def pytest_addoption(parser):
    parser.addoption("--containing", default="", metavar="NAME", help="only tests with this in their file's or own name, in whatever case")
    parser.addoption("--progress", type=int, metavar="DESCRIPTOR", help="where to write a line for each file of tests that ended")


def pytest_configure(config):
    if config.getoption("progress") is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config.getoption("progress")))


def pytest_collection_modifyitems(config, items):
    name = config.getoption("containing").lower()
    left_out = [item for item in items if name not in item.nodeid.lower()]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if name in item.nodeid.lower()]


def pytest_runtest_setup(item):
    STARTED[:] = [server for server in STARTED if server.is_running]  # one that a whole module shares stays


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows what each server of the test logged."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for number, server in enumerate(STARTED, 1):
            lines = server.log_text().splitlines()
            shown = [line if len(line) <= LOG_LINE_LIMIT else line[:LOG_LINE_LIMIT] + "…" for line in lines[-LOG_TAIL_LINES:]]
            report.sections.append((f"stderr of server {number} of {len(STARTED)}, the last {len(shown)} of {len(lines)} lines",
                                    "\n".join(shown)))


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


@pytest.fixture(scope="session")
def postgres_url():
    """Of a server for the whole run: that of ./dev test, or one of our own when pytest was started by hand."""
    with postgres.shared_server():
        yield os.environ.get(postgres.VARIABLE)


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request, binary, tmp_path):
    """Nothing has been started in it yet."""
    with installed(request, binary, tmp_path / "data") as fresh:
        yield fresh


@pytest.fixture
def begun(installation):
    """The same after its first start, with no server running."""
    with installation.server() as server:
        server.wait_for_log("serving")
    return installation
