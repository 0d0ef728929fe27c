"""The first start: an administrator whose password only the operator learns; and keys made at a shell, with a server and
without one."""
import json
import os
import pty
import re
import stat
import subprocess

from support.server import Server

PASSWORD = re.compile(r"\b[2-9a-km-np-z]{5}(?:-[2-9a-km-np-z]{5}){4}\b")
KEY = re.compile(r"\Alsk_live_[0-9A-Za-z]{54}\n\Z")


def run(binary, data, *words):
    return subprocess.run([binary, *words, "--data", data], capture_output=True, text=True, timeout=120, check=False)


def rows(binary, data, *words):
    answer = run(binary, data, *words, "--json")
    assert answer.returncode == 0, answer.stderr
    return next(iter(json.loads(answer.stdout).values()))


def test_without_a_terminal_the_password_waits_in_a_file(binary, tmp_path):
    data = tmp_path / "data"
    secret = data / "secrets/admin-password"
    with Server(binary, data=data) as server:
        logged = server.wait_for_log("first start: made the tenant default and its administrator admin")
        assert logged["password_file"] == str(secret)
        assert stat.S_IMODE(os.stat(secret).st_mode) == 0o600
        password = secret.read_text().strip()
        assert PASSWORD.fullmatch(password)
        assert password not in server.log_text()
    made = secret.read_text()
    with Server(binary, data=data) as again:
        again.wait_for_log("serving")
        assert "first start" not in again.log_text()
    assert secret.read_text() == made, "a second start makes nothing"
    assert [user["username"] for user in rows(binary, data, "user", "list")] == ["admin"]
    assert {tenant["id"] for tenant in rows(binary, data, "tenant", "list")} == {"platform", "default"}
    assert [app["id"] for app in rows(binary, data, "app", "list")] == ["main"]


def test_a_terminal_is_shown_the_password_once(binary, tmp_path):
    data = tmp_path / "data"
    leader, follower = pty.openpty()
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen([binary, "serve", "--data", data, "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL,
                                   stdout=follower, stderr=log)
    os.close(follower)
    shown = b""
    try:
        while b"key create" not in shown:
            shown += os.read(leader, 4096)
    finally:
        process.terminate()
        process.wait(timeout=60)
        os.close(leader)
    assert len(PASSWORD.findall(shown.decode())) == 1, shown
    assert not (data / "secrets/admin-password").exists()
    assert PASSWORD.search(shown.decode())[0] not in (tmp_path / "log").read_text()


def test_the_first_password_can_be_chosen(binary, tmp_path):
    chosen = tmp_path / "password"
    chosen.touch(mode=0o600)
    chosen.write_text("correct horse battery staple\n")
    data = tmp_path / "data"
    with Server(binary, data=data, env={"LODESTONE_ADMIN_PASSWORD_FILE": str(chosen)}) as server:
        server.wait_for_log("first start: made the tenant default and its administrator admin")
        assert "staple" not in server.log_text()
    assert not (data / "secrets/admin-password").exists()


def test_a_first_password_that_is_too_short_is_refused(binary, tmp_path):
    chosen = tmp_path / "password"
    chosen.touch(mode=0o600)
    chosen.write_text("short\n")
    started = subprocess.run([binary, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0"], timeout=60, text=True,
                             capture_output=True, check=False, env={**os.environ, "LODESTONE_ADMIN_PASSWORD_FILE": str(chosen)})
    assert started.returncode == 1
    assert str(chosen) in started.stderr and "short" not in started.stderr.replace("too short", "")


def test_a_key_is_made_beside_a_running_server_and_without_one(binary, tmp_path):
    data = tmp_path / "data"
    create = ["key", "create", "--user", "admin", "--scope", "package:read,package:publish@repository:main/*", "--quiet"]
    with Server(binary, data=data) as server:
        server.wait_for_log("serving")
        beside = run(binary, data, *create)
        assert (beside.returncode, beside.stderr) == (0, "")
        assert KEY.match(beside.stdout), beside.stdout
        # It is good at once, for what its scopes name: the one-time password holds up signing in, not keys.
        full = run(binary, data, "key", "create", "--user", "admin", "--quiet").stdout.strip()
        for key, status in ((full, 200), (beside.stdout.strip(), 403)):
            answer = server.request("GET", "/api/v1/tenants/default/apps", headers={"X-API-Key": key})
            assert answer.status == status, answer.body
    alone = run(binary, data, *create)
    assert KEY.match(alone.stdout), alone.stdout + alone.stderr
    assert alone.stdout != beside.stdout
    keys = rows(binary, data, "key", "list", "--user", "admin")
    assert len(keys) == 3 and "secret_hash" not in keys[0]
    entries = rows(binary, data, "audit", "list", "--action", "key.create")
    assert [(entry["actor"], entry["source"], entry["result"]) for entry in entries] == [("operator", "cli", "ok")] * 3
    everything = run(binary, data, "audit", "export").stdout
    assert beside.stdout.strip() not in everything
    assert run(binary, data, "audit", "verify").returncode == 0


def test_a_team_is_set_up_at_a_shell(binary, tmp_path):
    data = tmp_path / "data"
    with Server(binary, data=data) as server:
        server.wait_for_log("serving")
        made = json.loads(run(binary, data, "tenant", "create", "Acme", "--id", "acme", "--owner", "olga", "--json").stdout)
        assert (made["id"], made["owner"]) == ("acme", "olga") and PASSWORD.fullmatch(made["password"])
        in_acme = ["--tenant", "acme"]
        assert run(binary, data, "app", "create", "Shop", "--id", "shop", "--type", "web", *in_acme).returncode == 0
        assert run(binary, data, "branch", "create", "BER-1", "Berlin", "--app", "shop", *in_acme).returncode == 0
        alice = run(binary, data, "user", "create", "alice", "--app", "shop", "--role", "maintainer", *in_acme)
        assert alice.returncode == 0 and PASSWORD.search(alice.stdout)
        assert run(binary, data, "role", "grant", "alice", "auditor", *in_acme).returncode == 0
        assert run(binary, data, "user", "create", "alice", *in_acme).returncode == 1, "taken"
        first = PASSWORD.search(alice.stdout)[0]
        assert PASSWORD.search(run(binary, data, "user", "reset-password", "alice", "--print-password", *in_acme).stdout)[0] != first
        assert "suspended" in run(binary, data, "user", "suspend", "alice", *in_acme).stdout
        assert {user["username"]: user["status"] for user in rows(binary, data, "user", "list", *in_acme)} == \
            {"olga": "active", "alice": "suspended"}
        assert run(binary, data, "app", "list", "--tenant", "nobody").stderr.strip() == "lodestone: There is no tenant nobody."
        assert run(binary, data, "tenant", "suspend", "acme").returncode == 0
    assert run(binary, data, "audit", "verify").returncode == 0


def test_a_node_with_other_secrets_refuses_to_start(binary, tmp_path):
    data = tmp_path / "data"
    with Server(binary, data=data) as server:
        server.wait_for_log("serving")
    key = data / "secrets/sealing-key"
    ours = key.read_text()
    key.write_text("another secret, which is just as long as the first one was\n")
    refused = run(binary, data, "serve", "--listen", "127.0.0.1:0")
    assert refused.returncode != 0
    assert "secrets/sealing-key" in refused.stderr and "is not the one that this database is used with" in refused.stderr
    assert "identity.accept_changed_secrets" in refused.stderr
    with Server(binary, data=data, env={"LODESTONE_IDENTITY_ACCEPT_CHANGED_SECRETS": "true"}) as server:
        server.wait_for_log("serving")
    with Server(binary, data=data) as server:
        server.wait_for_log("serving")
    key.write_text(ours)
    assert run(binary, data, "serve", "--listen", "127.0.0.1:0").returncode != 0, "the old one counts no more"
