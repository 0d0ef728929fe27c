"""Installations that every test of identity runs on: one with the embedded database, one with PostgreSQL."""
import os

import pytest
from support import postgres
from support.installation import Installation


@pytest.fixture(scope="session")
def postgres_url():
    """Of a server for the whole run: that of ./dev test, or one of our own when pytest was started by hand."""
    with postgres.shared_server():
        yield os.environ.get(postgres.VARIABLE)


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request, binary, tmp_path):
    """Nothing has been started in it yet."""
    if request.param == "sqlite":
        yield Installation(binary, tmp_path / "data")
        return
    url = request.getfixturevalue("postgres_url")
    if not url:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    with postgres.database(url) as database_url:
        yield Installation(binary, tmp_path / "data", database_url)


@pytest.fixture
def begun(installation):
    """The same after its first start, with no server running."""
    with installation.server() as server:
        server.wait_for_log("serving")
    return installation
