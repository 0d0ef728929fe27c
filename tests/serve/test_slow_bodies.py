"""A body takes as long as it takes: the deadline of a request is for what is asked of others, and begins anew behind it."""
import hashlib
import json

import pytest

LONG_S = 0.6  # longer than the deadline, and than what was found out before a body came is good for
FIRST, SECOND = b"a layer that ", b"takes its time"
WHOLE = FIRST + SECOND


@pytest.fixture
def shop(begun):
    begun.say("repository", "create", "files", "--app", "main", "--format", "generic")
    begun.say("repository", "create", "images", "--app", "main", "--format", "oci")
    key = begun.say("key", "create", "--user", "admin", "--quiet").strip()
    with begun.server(env={"LODESTONE_SERVER_HANDLER_TIMEOUT": "300ms"}) as server:
        yield server, key, lambda: begun.say("key", "create", "--user", "admin", "--quiet")


def send_slowly(server, key, change, head):
    """Half, then nothing until the deadline is over, then the other half; the gate has to ask again, because another process has
    changed something meanwhile."""
    with server.connect() as connection:
        connection.send(f"{head} HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer {key}\r\n"
                        f"Content-Type: application/octet-stream\r\nContent-Length: {len(WHOLE)}\r\n\r\n".encode() + FIRST)
        connection.socket.settimeout(LONG_S)
        with pytest.raises(TimeoutError):  # nobody answers yet, and the time is over
            connection.read_exactly(1)
        connection.socket.settimeout(30)
        change()
        connection.send(SECOND)
        return connection.read_response()


def begin(server, key):
    answer = server.request("POST", "/v2/default/images/web/blobs/uploads/", {"Authorization": f"Bearer {key}", "Content-Length": "0"})
    assert answer.status == 202, answer.body
    return answer.header("Location")


def test_slow_bodies_are_taken(shop):
    server, key, change = shop
    digest = "sha256:" + hashlib.sha256(WHOLE).hexdigest()
    assert send_slowly(server, key, change, "PUT /generic/default/files/tool/1.0/a").status == 201
    assert send_slowly(server, key, change, f"PATCH {begin(server, key)}").status == 202
    assert send_slowly(server, key, change, f"PUT {begin(server, key)}?digest={digest}").status == 201
    assert send_slowly(server, key, change, f"POST /v2/default/images/web/blobs/uploads/?digest={digest}").status == 201
    answer = send_slowly(server, key, change, "PUT /v2/default/images/web/manifests/one")
    assert answer.status == 400 and json.loads(answer.body)["errors"][0]["code"] == "MANIFEST_INVALID"
