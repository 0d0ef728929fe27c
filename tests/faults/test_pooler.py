"""PgBouncer in transaction mode between the program and PostgreSQL: everything works that serves, on fewer connections
than there are clients; migrations and what needs a session go past it, or are refused in words."""
import json
import subprocess
import threading
from urllib.parse import quote

import pytest
from support import pgbouncer, postgres
from support.process import find_program
from support.server import Server, shared_secrets

pytestmark = [pytest.mark.skipif(not postgres.find_programs(), reason="PostgreSQL is not installed (Debian package postgresql)"),
              pytest.mark.skipif(not find_program("pgbouncer"), reason="PgBouncer is not installed (Debian package pgbouncer)")]

POOL_SIZE, NODES, WRITERS = 3, 2, 4


@pytest.fixture(scope="module")
def server():
    with postgres.PostgresServer("fsync = off") as running:
        yield running


@pytest.fixture(scope="module")
def bouncer(server):
    with pgbouncer.PgBouncer(server.folder, POOL_SIZE) as running:
        yield running


@pytest.fixture
def url(server):
    with postgres.database(server.url()) as fresh:
        yield fresh


def settings(url, bouncer, *more):
    pooled = [f"database.url={bouncer.through(url)}", "database.pooler=transaction", f"database.migrations_url={url}", *more]
    return [word for setting in pooled for word in ("--set", setting)]


def run(binary, data, *words):
    return subprocess.run([binary, *words, "--data", data], capture_output=True, text=True, timeout=120, check=False)


def request(server, key, method, path, body=None, expect=200, **headers):
    sent = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **headers}
    answer = server.request(method, f"/api/v1/tenants/default{path}", sent, json.dumps(body).encode() if body else b"")
    assert answer.status == expect, (method, path, answer.status, answer.body)
    return json.loads(answer.body) if answer.body else None


def live_through_everything(server, key, writer):
    """A noun's whole life, several times."""
    for number in range(10):
        name = f"app-{writer}-{number}"
        request(server, key, "POST", "/apps", {"id": name, "name": name}, 201, **{"Idempotency-Key": name})
        again = request(server, key, "POST", "/apps", {"id": name, "name": name}, 201, **{"Idempotency-Key": name})
        assert again["id"] == name and again["version"] == 1
        request(server, key, "PATCH", f"/apps/{name}", {"name": f"{name} renamed"}, **{"If-Match": '"1"'})
        request(server, key, "PATCH", f"/apps/{name}", {"name": "too late"}, 412, **{"If-Match": '"1"'})
        request(server, key, "POST", f"/apps/{name}/branches", {"name": "here", "code": "here"}, 201)
        request(server, key, "DELETE", f"/apps/{name}", expect=204)
        request(server, key, "GET", f"/apps/{name}", expect=404)
        request(server, key, "POST", f"/apps/{name}/restore")
        assert request(server, key, "GET", f"/apps/{name}")["name"] == f"{name} renamed"
        assert request(server, key, "GET", f"/apps?search={quote(name)}&limit=5")["items"]


def test_nouns_live_behind_it(binary, server, bouncer, url, tmp_path):
    secrets = shared_secrets(tmp_path)
    words = settings(url, bouncer, "database.migrations=auto", "database.max_connections=8",
                     f"identity.pepper_file={secrets['LODESTONE_IDENTITY_PEPPER_FILE']}")
    nodes = [Server(binary, words, env=secrets, data=tmp_path / str(number)) for number in range(NODES)]
    faults = []

    def live(writer):
        try:
            live_through_everything(nodes[writer % NODES], key, writer)
        except BaseException as fault:
            faults.append(fault)
            raise

    try:
        for node in nodes:
            node.start()
            node.wait_for_log("serving")
        made = run(binary, tmp_path / "0", "key", "create", "--user", "admin", "--quiet", *words)
        assert made.returncode == 0, made.stderr
        key = made.stdout.strip()
        writers = [threading.Thread(target=live, args=(writer,)) for writer in range(WRITERS)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert not faults
        for node in nodes:
            assert node.request("GET", "/ready").status == 200
            assert not [entry for entry in node.log() if entry.get("level") in ("warn", "error")], node.log_text()
    finally:
        for node in nodes:
            node.stop()
    assert postgres.run_sql(url, "SELECT count(*) || ' ' || count(DISTINCT name) FROM apps WHERE name LIKE '%renamed'") == "40 40"
    own = f"usename = 'postgres' AND datname = '{url.split('/')[3].split('?')[0]}' AND pid <> pg_backend_pid()"
    assert int(postgres.run_sql(server.url(), f"SELECT count(*) FROM pg_stat_activity WHERE {own}")) <= POOL_SIZE
    verified = run(binary, tmp_path / "0", "audit", "verify", *words)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_migrations_go_past_it(binary, bouncer, url, tmp_path):
    for command in (("migrate", "up"), ("migrate", "verify"), ("migrate", "drift")):
        done = run(binary, tmp_path, *command, *settings(url, bouncer))
        assert done.returncode == 0, done.stdout + done.stderr
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    assert postgres.run_sql(url, held) == "0"


@pytest.mark.parametrize("command", [("migrate", "up"), ("migrate", "status"), ("serve", "--listen", "127.0.0.1:0")], ids=" ".join)
def test_migrations_through_it_are_refused_in_words(binary, bouncer, url, tmp_path, command):
    words = ["--set", f"database.url={bouncer.through(url)}", "--set", "database.pooler=transaction"]
    if command[0] == "migrate":
        words += ["--set", "database.migrations=off"]
    done = run(binary, tmp_path, *command, *words)
    assert done.returncode in (1, 2), done
    assert "database.migrations_url" in done.stderr, done.stderr
    assert postgres.run_sql(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
