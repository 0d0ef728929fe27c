"""The PostgreSQL of the Python tests: what tests rely on it to do."""
import pytest
from support import postgres


@pytest.fixture
def server():
    if not postgres.find_programs():
        pytest.skip("PostgreSQL is not installed")
    with postgres.PostgresServer("max_connections = 9") as running:
        yield running


def test_a_server_survives_being_killed_and_frozen(server):
    assert postgres.run_sql(server.url(), "SHOW max_connections") == "9"
    with postgres.database(server.url()) as url:
        postgres.run_sql(url, "CREATE TABLE here AS SELECT 7 AS id")
        server.kill()
        with pytest.raises(AssertionError):
            postgres.run_sql(url, "SELECT 1")
        server.start()
        server.pause()
        server.resume()
        assert postgres.run_sql(url, "SELECT id FROM here") == "7"
    server.restart()
    with pytest.raises(AssertionError):
        postgres.run_sql(url, "SELECT 1")


def test_it_leaves_nothing_behind(server):
    pids = server.processes()
    server.__exit__()
    assert not server.folder.exists()
    for pid in pids:
        assert not (postgres.Path(f"/proc/{pid}/cmdline").exists() and postgres.Path(f"/proc/{pid}/cmdline").read_bytes())


def test_the_shared_server_is_started_once(monkeypatch):
    monkeypatch.setenv(postgres.VARIABLE, "postgresql://given.example/")
    with postgres.shared_server():
        assert postgres.os.environ[postgres.VARIABLE] == "postgresql://given.example/"
    monkeypatch.delenv(postgres.VARIABLE)
    monkeypatch.setattr(postgres, "find_programs", lambda: None)
    with postgres.shared_server():
        assert postgres.VARIABLE not in postgres.os.environ
