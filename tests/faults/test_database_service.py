"""What people get while PostgreSQL serves badly: read-only from the start, slow, or with a standby beside it that may
answer what need not be new."""
import contextlib
import json
import subprocess
import time

import pytest
from support import postgres
from support.server import Server

pytestmark = pytest.mark.skipif(not postgres.find_programs(), reason="PostgreSQL is not installed (Debian package postgresql)")

APPS = "/api/v1/tenants/default/apps"


@pytest.fixture
def own_server():
    with postgres.PostgresServer() as server:
        yield server


def run(binary, data, url, *words) -> str:
    done = subprocess.run([binary, *words, "--data", data], env={"DATABASE_URL": url}, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_until(is_so, what, limit_s=60.0):
    deadline = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < deadline, what


def take_no_writes(url):
    postgres.run_sql(url, "ALTER DATABASE postgres SET default_transaction_read_only = on")


def take_writes(url):
    postgres.run_sql(f"{url}&options=-c%20default_transaction_read_only%3Doff", "ALTER DATABASE postgres RESET default_transaction_read_only")


class Installation:
    """A database that was begun, and the administrator's key."""

    def __init__(self, binary, url, data):
        self.binary, self.url, self.data = binary, url, data
        with Server(binary, ["--set", "database.migrations=auto"], env={"DATABASE_URL": url}, data=data) as server:
            server.wait_for_log("serving")
            self.key = self.say("key", "create", "--user", "admin", "--quiet").strip()

    def say(self, *words) -> str:
        return run(self.binary, self.data, self.url, *words)

    def serve(self, *options) -> Server:
        return Server(self.binary, options, env={"DATABASE_URL": self.url}, data=self.data)

    def ask(self, server, method, target, body=b""):
        headers = {"Authorization": f"Bearer {self.key}", **({"Content-Type": "application/json"} if body else {})}
        return server.request(method, target, headers, body)


@pytest.mark.parametrize("policy", ["check", "auto", "off"])
def test_a_database_that_is_read_only_at_start_is_read_from(binary, own_server, tmp_path, policy):
    installation = Installation(binary, own_server.url(), tmp_path / "data")
    take_no_writes(own_server.url())
    with installation.serve("--set", f"database.migrations={policy}") as server:
        wait_until(lambda: installation.ask(server, "GET", APPS).status == 200, server.log_text())
        refused = installation.ask(server, "POST", APPS, b'{"name":"one"}')
        assert refused.status == 503 and b"takes no changes" in refused.body
        assert server.request("GET", "/ready").status == 503
        take_writes(own_server.url())
        wait_until(lambda: installation.ask(server, "POST", APPS, b'{"name":"one"}').status == 201, server.log_text())
        assert server.request("GET", "/ready").status == 200


def test_an_old_schema_that_cannot_be_changed_is_waited_for(binary, own_server, tmp_path):
    take_no_writes(own_server.url())
    with Server(binary, ["--set", "database.migrations=auto"], env={"DATABASE_URL": own_server.url()}, data=tmp_path / "data") as server:
        away = server.wait_for_log("the database is away; waiting for it")
        assert "read-only" in away["why"]
        take_writes(own_server.url())
        server.wait_for_log("the database is there")


@contextlib.contextmanager
def locked(url, table):
    """Nobody reads or writes the table while the block runs."""
    with subprocess.Popen(["psql", "-XAtq", "-d", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        holder.stdin.write(f"BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'held';\n")
        holder.stdin.flush()
        assert holder.stdout.readline().strip() == "held"
        try:
            yield
        finally:
            holder.stdin.close()
            holder.wait()


def test_a_slow_database_is_no_reason_to_wait_for_ever(binary, own_server, tmp_path):
    installation = Installation(binary, own_server.url(), tmp_path / "data")
    with installation.serve("--set", "database.statement_timeout=1s", "--set", "database.lock_timeout=1s") as server:
        assert installation.ask(server, "GET", APPS).status == 200
        with locked(own_server.url(), "apps"):
            begun = time.monotonic()
            read = installation.ask(server, "GET", APPS)
            written = installation.ask(server, "POST", APPS, b'{"name":"one"}')
            took = time.monotonic() - begun
            assert read.status in (503, 504) and written.status in (503, 504), (read, written)
            assert read.header("retry-after") or read.status == 504
            assert took < 30, "both ended by the time limits, and not by the lock"
            assert server.request("GET", "/health").status == 200
        wait_until(lambda: installation.ask(server, "GET", APPS).status == 200, server.log_text())
        assert installation.ask(server, "POST", APPS, b'{"name":"one"}').status == 201


def test_what_need_not_be_new_comes_from_a_standby(binary, own_server, tmp_path):
    installation = Installation(binary, own_server.url(), tmp_path / "data")
    with postgres.standby_of(own_server) as standby, installation.serve("--set", f"database.replicas={standby.url()}") as server:
        postgres.run_sql(standby.url(), "SELECT pg_wal_replay_pause()")
        installation.say("app", "create", "newer")

        def exported():
            return b'"newer"' in server.request("GET", "/api/v1/audit/export", server.operator_headers()).body

        wait_until(lambda: not exported(), "the standby has not heard of it, and is asked")
        audit = installation.ask(server, "GET", "/api/v1/tenants/default/audit")
        assert audit.status == 200 and b"newer" not in audit.body
        apps = json.loads(installation.ask(server, "GET", APPS).body)
        assert "newer" in [app["name"] for app in apps["items"]], "what somebody may have just made is asked of the primary"
        postgres.run_sql(standby.url(), "SELECT pg_wal_replay_resume()")
        wait_until(exported, "the standby has caught up")
        standby.kill()
        assert exported(), "without it the primary answers"
