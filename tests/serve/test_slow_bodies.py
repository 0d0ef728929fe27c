"""A body takes as long as it takes: the deadline of a request is for what is asked of others, and begins anew behind it."""
import hashlib
import json

import pytest
from support.oci import INDEX

LONG_S = 0.6  # longer than the deadline, and than what was found out before a body came is good for
WHOLE = b"a layer that takes its time"
EMPTY_INDEX = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": []}).encode()


@pytest.fixture
def shop(begun):
    begun.say("repository", "create", "files", "--app", "main", "--format", "generic")
    begun.say("repository", "create", "images", "--app", "main", "--format", "oci")
    key = begun.say("key", "create", "--user", "admin", "--quiet").strip()
    with begun.server(env={"LODESTONE_SERVER_HANDLER_TIMEOUT": "300ms"}) as server:
        yield server, key, lambda: begun.say("key", "create", "--user", "admin", "--quiet")


def send_slowly(server, key, change, head, body=WHOLE, content_type="application/octet-stream"):
    """Half, then nothing until the deadline is over, then the other half; the gate has to ask again, because another process has
    changed something meanwhile."""
    half = len(body) // 2
    with server.connect() as connection:
        connection.send(f"{head} HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer {key}\r\n"
                        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body[:half])
        connection.socket.settimeout(LONG_S)
        with pytest.raises(TimeoutError):  # nobody answers yet, and the time is over
            connection.read_exactly(1)
        connection.socket.settimeout(30)
        change()
        connection.send(body[half:])
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
    assert send_slowly(server, key, change, "PUT /v2/default/images/web/manifests/one", EMPTY_INDEX, INDEX).status == 201
