"""A body takes as long as it takes: the deadline of a request is for what is asked of others, and begins anew behind it."""
import hashlib
import json
import time

import pytest

from support.installation import Api

DEADLINE = 0.1  # the least that may be set
FIRST, SECOND = b"a layer that ", b"takes its time"
WHOLE = FIRST + SECOND


@pytest.fixture
def shop(begun):
    begun.say("repository", "create", "files", "--app", "main", "--format", "generic")
    begun.say("repository", "create", "images", "--app", "main", "--format", "oci")
    key = begun.say("key", "create", "--user", "admin", "--quiet").strip()
    with begun.server(env={"LODESTONE_SERVER_HANDLER_TIMEOUT": "100ms"}) as server:
        yield server, key


def send_slowly(server, key, head):
    """Half, then nothing until the deadline is over, then the other half; the gate has forgotten meanwhile what it knew."""
    with server.connect() as connection:
        connection.send(f"{head} HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer {key}\r\n"
                        f"Content-Type: application/octet-stream\r\nContent-Length: {len(WHOLE)}\r\n\r\n".encode() + FIRST)
        time.sleep(DEADLINE * 2)  # what is waited for is that the time is over
        Api(server, key).make("/tenants/default/roles", {"name": f"role-{time.monotonic_ns()}", "permissions": []})
        connection.send(SECOND)
        return connection.read_response()


def begin(server, key):
    answer = server.request("POST", "/v2/default/images/web/blobs/uploads/", {"Authorization": f"Bearer {key}", "Content-Length": "0"})
    assert answer.status == 202, answer.body
    return answer.headers["Location"]


def test_slow_bodies_are_taken(shop):
    server, key = shop
    digest = "sha256:" + hashlib.sha256(WHOLE).hexdigest()
    assert send_slowly(server, key, "PUT /generic/default/files/tool/1.0/a").status == 201
    assert send_slowly(server, key, f"PATCH {begin(server, key)}").status == 202
    assert send_slowly(server, key, f"PUT {begin(server, key)}?digest={digest}").status == 201
    assert send_slowly(server, key, f"POST /v2/default/images/web/blobs/uploads/?digest={digest}").status == 201
    answer = send_slowly(server, key, "PUT /v2/default/images/web/manifests/one")
    assert answer.status == 400 and json.loads(answer.body)["errors"][0]["code"] == "MANIFEST_INVALID"
