"""Redis between nodes that the database cannot tell of changes: behind a pooler, with nothing to LISTEN on. A key that one
node revokes is refused by the other within a second; without Redis, within the lifetime of what is remembered."""
import json
import statistics
import subprocess
import time

import pytest
from support import pgbouncer, postgres
from support.installation import Api
from support.process import find_program, read_metrics, wait_until
from support.redis import RedisServer
from support.server import Server, shared_secrets

pytestmark = [pytest.mark.skipif(not postgres.find_programs(), reason="PostgreSQL is not installed (Debian package postgresql)"),
              pytest.mark.skipif(not find_program("pgbouncer"), reason="PgBouncer is not installed (Debian package pgbouncer)"),
              pytest.mark.skipif(not find_program("redis-server"), reason="Redis is not installed (Debian package redis-server)")]

PASSWORD = "a password for two nodes"
REVOCATIONS = 5
LIFETIME_S, PATIENCE_S = 30, 60  # limits::principal_lifetime, and some for a busy machine


@pytest.fixture(scope="module")
def server():
    with postgres.PostgresServer("fsync = off") as running:
        yield running


@pytest.fixture(scope="module")
def bouncer(server):
    with pgbouncer.PgBouncer(server.folder, pool_size=4) as running:
        yield running


@pytest.fixture
def redis():
    with RedisServer() as running:
        yield running


class Nodes:
    """Two of them on one fresh database, which they reach by the pooler alone, and the command line beside them."""

    def __init__(self, binary, url, bouncer, folder, *settings):
        self.binary, self.folder = binary, folder
        password = folder / "password"
        password.write_text(PASSWORD)
        password.chmod(0o600)
        self.env = {**shared_secrets(folder), "LODESTONE_ADMIN_PASSWORD_FILE": str(password)}
        self._run("migrate", "up", "--set", f"database.url={url}")
        words = [f"database.url={bouncer.through(url)}", "database.pooler=transaction", "database.migrations=off",
                 f"blobs.dir={folder / 'blobs'}", *settings]
        self.words = [word for setting in words for word in ("--set", setting)]
        self.servers = [Server(binary, self.words, env=self.env, data=folder / str(number)) for number in range(2)]

    def __enter__(self):
        for server in self.servers:
            server.start()
            server.wait_for_log("serving")
        self.admin = Api(self.servers[0]).sign_in("admin", PASSWORD)["access_token"]
        self.keys = f"/tenants/default/users/{Api(self.servers[0], self.admin).show('/me')['user_id']}/keys"
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.stop()

    def run(self, *words) -> str:
        return self._run(*words, *self.words)

    def _run(self, *words) -> str:
        done = subprocess.run([self.binary, *words, "--data", self.folder / "0"], capture_output=True, text=True, timeout=120,
                              check=False, env=self.env)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def state(self, number) -> str:
        """What /ready says of Redis."""
        answer = self.servers[number].request("GET", "/ready")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)["checks"]["redis"]

    def wait_until_connected(self):
        for number in range(2):
            wait_until(lambda number=number: self.state(number) == "ok" and self.metric(number, "connected") == 1)

    def metric(self, number, name) -> float:
        with self.servers[number].connect() as connection:
            return read_metrics(connection)[f"lodestone_redis_{name}"]

    def seconds_until_refused(self, revoke) -> float:
        """For a key that both nodes remember: from its revocation's answer to the other node's first refusal."""
        made = self.make_key()
        for server in self.servers:
            assert Api(server, made["text"]).ask("GET", "/me").status == 200
        revoke(made)
        start = time.monotonic()
        wait_until(lambda: Api(self.servers[1], made["text"]).ask("GET", "/me").status == 401, PATIENCE_S)
        return time.monotonic() - start

    def make_key(self):
        return Api(self.servers[0], self.admin).make(self.keys, {"name": "to be revoked"})

    def revoke_here(self, made):
        Api(self.servers[0], self.admin).deed(f"{self.keys}/{made['id']}/revoke", {})

    def revoke_at_a_shell(self, made):
        self.run("key", "revoke", made["id"])


@pytest.fixture
def nodes(binary, server, bouncer, redis, tmp_path):
    with postgres.database(server.url()) as url, Nodes(binary, url, bouncer, tmp_path, f"redis.url={redis.url}") as running:
        running.wait_until_connected()
        yield running


def test_a_revoked_key_is_refused_by_the_other_node_within_a_second(nodes, redis):
    took = [nodes.seconds_until_refused(nodes.revoke_here) for _ in range(REVOCATIONS)]
    assert statistics.median(took) < 1, took
    # A command beside the servers tells them, too, before it ends.
    assert nodes.seconds_until_refused(nodes.revoke_at_a_shell) < 1
    assert redis.ask("FLUSHALL") == "OK"
    assert nodes.seconds_until_refused(nodes.revoke_here) < 1, "there is nothing in it that could be lost"
    assert nodes.metric(0, "told_total") >= REVOCATIONS and nodes.metric(1, "heard_total") >= REVOCATIONS


def test_redis_may_go_and_come_back(nodes, redis):
    redis.kill()
    wait_until(lambda: nodes.state(0) == nodes.state(1) == "degraded")
    assert nodes.metric(1, "connected") == 0
    headers = nodes.servers[1].operator_headers()
    assert json.loads(nodes.servers[1].request("GET", "/health", headers).body)["redis"]["connected"] is False
    made = nodes.make_key()
    assert Api(nodes.servers[1], made["text"]).ask("GET", "/me").status == 200
    nodes.revoke_here(made)
    redis.start()
    nodes.wait_until_connected()
    start = time.monotonic()
    wait_until(lambda: Api(nodes.servers[1], made["text"]).ask("GET", "/me").status == 401, PATIENCE_S)
    assert time.monotonic() - start < 10, "what was missed is looked for anew"
    assert nodes.seconds_until_refused(nodes.revoke_here) < 1


def test_a_frozen_redis_delays_no_request(nodes, redis):
    redis.pause()
    start = time.monotonic()
    made = nodes.make_key()
    nodes.revoke_here(made)
    assert Api(nodes.servers[0], made["text"]).ask("GET", "/me").status == 401
    assert time.monotonic() - start < 10  # 0.05 s on a machine with time; Redis never answers
    wait_until(lambda: nodes.state(0) == nodes.state(1) == "degraded")
    redis.resume()
    nodes.wait_until_connected()
    assert nodes.seconds_until_refused(nodes.revoke_here) < 1


def test_without_redis_the_lifetime_is_the_bound(binary, server, bouncer, tmp_path):
    with postgres.database(server.url()) as url, Nodes(binary, url, bouncer, tmp_path) as nodes:
        assert "redis" not in json.loads(nodes.servers[0].request("GET", "/ready").body)["checks"]
        took = nodes.seconds_until_refused(nodes.revoke_here)
        assert 1 < took < LIFETIME_S + 5, took
