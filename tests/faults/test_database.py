"""The program and its database: PostgreSQL absent, killed, stopped, with a wrong password, and with a schema that is
none of ours; the embedded database taken away."""
import subprocess
import time

import pytest
from support import postgres
from support.server import Server, shared_secrets

pytestmark = pytest.mark.skipif(not postgres.find_programs(), reason="PostgreSQL is not installed (Debian package postgresql)")

QUICK = ["--set", "database.acquire_timeout=1s", "--set", "database.connect_timeout=1s"]
MIGRATING = [*QUICK, "--set", "database.migrations=auto"]


@pytest.fixture
def own_server():
    with postgres.PostgresServer() as server:
        yield server


def wait_for_ready(server, status, limit_s=30.0):
    """Asks /ready until it answers so; the last answer."""
    deadline = time.monotonic() + limit_s
    while True:
        answer = server.request("GET", "/ready")
        if answer.status == status:
            return answer
        assert time.monotonic() < deadline, f"/ready stayed {answer.status}: {answer.body!r}\n{server.log_text()}"


def test_it_serves_from_postgres(binary, own_server):
    with Server(binary, MIGRATING, env={"DATABASE_URL": own_server.url()}) as server:
        wait_for_ready(server, 200)
        assert server.request("GET", "/health").body == b'{"status":"ok"}\n', "numbers are for the operator"
        health = server.request("GET", "/health", server.operator_headers())
        assert b'"engine":"postgres"' in health.body and b'"schema_version":0' not in health.body
    assert server.exit_code == 0
    assert postgres.run_sql(own_server.url(), "SELECT count(*) > 0 FROM schema_history WHERE is_done") == "t"


def test_a_database_that_is_away_at_start_is_waited_for(binary, own_server):
    own_server.stop()
    with Server(binary, MIGRATING, env={"DATABASE_URL": own_server.url()}) as server:
        away = server.wait_for_log("the database is away; waiting for it")
        assert str(own_server.folder) in away["why"]
        assert server.request("GET", "/health").status == 200
        answer = wait_for_ready(server, 503)
        assert b'"schema":"failing"' in answer.body
        own_server.start()
        wait_for_ready(server, 200)
        server.wait_for_log("the database is there")


@pytest.mark.parametrize("take_away,give_back", [("kill", "start"), ("stop", "start")])
def test_a_database_that_goes_comes_back(binary, own_server, take_away, give_back):
    options = [*MIGRATING, "--set", "database.min_connections=2"]
    with Server(binary, options, env={"DATABASE_URL": own_server.url()}) as server:
        wait_for_ready(server, 200)
        getattr(own_server, take_away)()
        wait_for_ready(server, 503)
        getattr(own_server, give_back)()
        wait_for_ready(server, 200)
    assert server.exit_code == 0


def test_a_wrong_password_is_named_in_the_log_and_not_shown(binary, own_server):
    postgres.run_sql(own_server.url(), "CREATE ROLE ann LOGIN PASSWORD 'right-one'")
    hba = own_server.data / "pg_hba.conf"
    hba.write_text("local all ann scram-sha-256\nlocal all all trust\n")
    own_server.restart()
    url = own_server.url().replace("postgres@", "ann:wrong-one@", 1)
    with Server(binary, MIGRATING, env={"DATABASE_URL": url}) as server:
        away = server.wait_for_log("the database is away; waiting for it")
        assert "password authentication failed" in away["why"]
        wait_for_ready(server, 503)
        assert "wrong-one" not in server.log_text()


def serve_and_fail(binary, url, tmp_path, *options):
    command = [binary, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", *options]
    return subprocess.run([str(word) for word in command], env={"DATABASE_URL": url}, capture_output=True, text=True, timeout=60, check=False)


def test_a_schema_that_was_not_migrated_is_refused(binary, own_server, tmp_path):
    done = serve_and_fail(binary, own_server.url(), tmp_path)
    assert done.returncode == 1
    assert "lodestone migrate up" in done.stderr
    assert postgres.run_sql(own_server.url(), "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'") == "0"


def test_a_history_that_was_changed_is_refused(binary, own_server, tmp_path):
    with Server(binary, MIGRATING, env={"DATABASE_URL": own_server.url()}) as server:
        wait_for_ready(server, 200)
    postgres.run_sql(own_server.url(), "UPDATE schema_history SET name = 'another' WHERE version = 1")
    done = serve_and_fail(binary, own_server.url(), tmp_path, "--set", "database.migrations=auto")
    assert done.returncode == 1
    assert "0001" in done.stderr


def test_many_programs_start_on_one_empty_database(binary, own_server, tmp_path):
    env = {"DATABASE_URL": own_server.url(), **shared_secrets(tmp_path)}
    servers = [Server(binary, MIGRATING, env=env) for _ in range(4)]
    try:
        for server in servers:
            server.start()
        for server in servers:
            wait_for_ready(server, 200)
    finally:
        for server in servers:
            server.stop()
    doubled = "SELECT count(*) FROM (SELECT version FROM schema_history WHERE version IS NOT NULL GROUP BY version HAVING count(*) > 1) AS doubled"
    assert postgres.run_sql(own_server.url(), doubled) == "0"


def test_an_embedded_database_that_is_taken_away_fails_ready(binary):
    with Server(binary) as server:
        wait_for_ready(server, 200)
        database = server.data / "lodestone.db"
        database.rename(server.data / "elsewhere.db")
        assert b'"database":"failing"' in wait_for_ready(server, 503).body
        (server.data / "elsewhere.db").rename(database)
        wait_for_ready(server, 200)
