"""The compose file's three nodes as plain processes: started at once on an empty PostgreSQL, with a Redis and an S3 store, with the
settings and secrets that it gives them, each becomes ready, and what one node handed out or took the others know."""
import base64
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from support import swift
from support.installation import Api
from support.postgres import PostgresServer, find_programs
from support.process import find_program, wait_until
from support.redis import RedisServer
from support.totp import step_now, totp

COMPOSE = Path(__file__).resolve().parents[2] / "packaging/compose.cluster.yaml"
NODES = ("node1", "node2", "node3")
PASSWORD = "a password for three nodes"


def write_secret(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return str(path)


def node_settings(service, folder, store):
    """A node's environment, with the files that the comment at the compose file's top makes in place of its secrets, and our
    own S3 store in place of the one in there."""
    own = {"ENDPOINT": store.url, "REGION": swift.REGION, "BUCKET": swift.BUCKET, "ACCESS_KEY": swift.ACCESS_KEY}
    settings = {name: str(folder / Path(value).name) if str(value).startswith("/run/secrets/") else value
                for name, value in service["environment"].items()}
    return settings | {f"LODESTONE_S3_{name}": value for name, value in own.items()}


@pytest.mark.skipif(find_programs() is None, reason="PostgreSQL is not installed (Debian package postgresql)")
@pytest.mark.skipif(not find_program("redis-server"), reason="Redis is not installed (Debian package redis-server)")
@pytest.mark.skipif(bool(swift.find_missing()), reason="OpenStack Swift is not installed (Debian packages swift-proxy, swift-account, "
                    "swift-container, swift-object, memcached)")
def test_nodes_that_start_together_share_one_new_database(start_server, tmp_path):
    compose = yaml.safe_load(COMPOSE.read_text())
    word = secrets.token_hex(24)
    with PostgresServer() as database, RedisServer("--requirepass", word) as redis, swift.Swift() as store:
        urls = {"database_url": database.url(), "redis_url": redis.url.replace("redis://", f"redis://:{word}@"),
                "s3_secret_key": swift.SECRET_KEY}
        for name in compose["secrets"]:
            write_secret(tmp_path / name, urls.get(name) or secrets.token_hex(32))
        password = write_secret(tmp_path / "password", PASSWORD)

        def start(name):
            settings = node_settings(compose["services"][name], tmp_path, store)
            return start_server(env={**settings, "LODESTONE_ADMIN_PASSWORD_FILE": password})

        with ThreadPoolExecutor(len(NODES)) as pool:
            nodes = list(pool.map(start, NODES))
        for node in nodes:
            node.wait_for_log("serving")
        for node in nodes:
            wait_until(lambda node=node: b'"redis":"ok"' in node.request("GET", "/ready").body)
        assert [node.request("GET", "/ready").status for node in nodes] == [200] * len(NODES)
        check_that_they_are_one(nodes)
        for node in nodes:
            node.send_signal()
        assert [node.wait() for node in nodes] == [0] * len(NODES)


def check_that_they_are_one(nodes):
    session = Api(nodes[0]).sign_in("admin", PASSWORD)["access_token"]
    me = Api(nodes[1], session).show("/me")["user_id"]
    made = Api(nodes[1], session).make(f"/tenants/default/users/{me}/keys", {"name": "one for all"})["text"]
    assert [Api(node, made).show("/me")["user_id"] for node in nodes] == [me] * len(nodes)
    # Bytes that one node took are everybody's.
    app = Api(nodes[0], session).show("/tenants/default/apps")["items"][0]["id"]
    Api(nodes[0], session).make("/tenants/default/repositories", {"app_id": app, "name": "files", "format": "generic"})
    key = {"Authorization": "Basic " + base64.b64encode(f"_:{made}".encode()).decode()}
    body = secrets.token_bytes(100_000)
    file = "/generic/default/files/tool/1.0/tool.bin"
    assert nodes[1].request("PUT", file, {**key, "Content-Length": str(len(body))}, body).status == 201
    assert [node.request("GET", file, key).body == body for node in nodes] == [True] * len(nodes)
    # A second factor is sealed by one node and opened by the others.
    secret = Api(nodes[0], session).deed("/me/second-factor", {"password": PASSWORD})["secret"]
    step = step_now()
    Api(nodes[1], session).deed("/me/second-factor/confirm", {"code": totp(secret, step)})
    challenge = Api(nodes[1]).sign_in("admin", PASSWORD)["challenge"]
    Api(nodes[2]).deed("/sign-in/second-factor", {"challenge": challenge, "code": totp(secret, step + 1)})
