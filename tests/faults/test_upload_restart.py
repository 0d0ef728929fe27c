"""Uploads that are interrupted: by kill -9 of the server, by the end of the node that began them, and by clients that are gone in the middle
of what they send. What was acknowledged is gone on with from there, and of the rest nothing is to be found."""
import signal

import pytest
from support.files import Files, make_files_repository, target_of
from support.oci import Client, Image, digest_of, once_let_go, push_whole
from support.server import Server

PARTS = [bytes((number * 7 + shift) % 256 for number in range(size)) for shift, size in enumerate((100_000, 70_000, 30_000))]
WHOLE = b"".join(PARTS)
LARGE_BYTES = 32 << 20  # more than any buffer between a client and the server holds
ALGORITHMS = ("sha256", "sha512")


@pytest.fixture
def key(begun):
    begun.say("repository", "create", "images", "--app", "main", "--format", "oci")
    return make_files_repository(begun)


def image_at(server, key, name="web"):
    return Image(Client(server, key), f"default/images/{name}")


def kill(server):
    server.send_signal(signal.SIGKILL)
    server.wait()


def open_request(image, method, target, length):
    """On a connection that waits for the body."""
    connection = image.client.server.connect()
    fields = {"Host": "localhost", "Content-Type": "application/octet-stream", **image.client.authorize(method, target),
              **({"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)})}
    connection.send(f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n")
    return connection


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_uploads_go_on_after_a_crash_from_where_they_were(begun, key, algorithm):
    digest = digest_of(WHOLE, algorithm)
    with begun.server() as server:
        image = image_at(server, key)
        fresh, told, untold = image.begin(), image.begin(f"?digest-algorithm={algorithm}"), image.begin()
        for location in (told, untold):
            assert image.send(location, PARTS[0], 0).status == 202
        kill(server)
    with begun.server() as server:
        image = image_at(server, key)
        assert image.progress(fresh) == "0-0"
        assert image.finish(fresh, digest_of(PARTS[1], algorithm), PARTS[1]).status == 201
        for location in (told, untold):
            assert image.progress(location) == f"0-{len(PARTS[0]) - 1}"
            assert image.status(f"blobs/{digest}") == 404 or location == untold
            sent = image.send(location, PARTS[1], len(PARTS[0]))
            assert (sent.status, sent.header("Range")) == (202, f"0-{len(PARTS[0] + PARTS[1]) - 1}")
            assert image.finish(location, digest, PARTS[2], len(PARTS[0] + PARTS[1])).status == 201
            assert image.ask("GET", f"blobs/{digest}").body == WHOLE
        kill(server)
    with begun.server() as server:
        assert image_at(server, key).ask("GET", f"blobs/{digest}").body == WHOLE, "what was finished is there"


# The dead process holds it for a minute yet, in which nobody else may write to it.
def test_of_a_part_that_a_crash_cut_off_nothing_counts(begun, key):
    with begun.server() as server:
        image = image_at(server, key)
        location = image.begin()
        assert image.send(location, PARTS[0], 0).status == 202
        with open_request(image, "PATCH", location, 2 * LARGE_BYTES) as connection:
            connection.send(bytes(LARGE_BYTES))
            kill(server)
    begun.sql("UPDATE uploads SET held_until = 0 WHERE holder IS NOT NULL")
    with begun.server() as server:
        image = image_at(server, key)
        assert image.progress(location) == f"0-{len(PARTS[0]) - 1}"
        assert image.send(location, PARTS[1], len(PARTS[0])).status == 202
        assert image.finish(location, digest_of(WHOLE), PARTS[2]).status == 201
        assert image.ask("GET", f"blobs/{digest_of(WHOLE)}").body == WHOLE


def beside(installation, folder) -> Server:
    """Another node: its own folder, and the database, bytes and secrets of the first."""
    secrets = installation.data / "secrets"
    return Server(installation.binary, data=folder, env={
        **installation.environment, "LODESTONE_BLOBS_DIR": str(installation.data / "blobs"),
        "LODESTONE_IDENTITY_PEPPER_FILE": str(secrets / "pepper"), "LODESTONE_IDENTITY_SEALING_KEY_FILE": str(secrets / "sealing-key")})


@pytest.mark.parametrize("installation", ["postgres"], indirect=True)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_any_node_goes_on_with_an_upload(begun, key, tmp_path, algorithm):
    digest = digest_of(WHOLE, algorithm)
    with begun.server() as first, beside(begun, tmp_path / "second") as second:
        here, there = image_at(first, key), image_at(second, key)
        location = here.begin()
        assert here.send(location, PARTS[0], 0).status == 202
        assert there.progress(location) == f"0-{len(PARTS[0]) - 1}"
        assert there.send(location, PARTS[1], len(PARTS[0])).status == 202
        assert here.progress(location) == f"0-{len(PARTS[0] + PARTS[1]) - 1}"
        kill(first)
        assert there.finish(location, digest, PARTS[2]).status == 201
        assert there.ask("GET", f"blobs/{digest}").body == WHOLE


def break_off(image, method, target, body, framing, how):
    """Half of it comes, and then the client is gone."""
    half = body[:len(body) // 2]
    with open_request(image, method, target, len(body) if framing == "length" else None) as connection:
        connection.send(half if framing == "length" else f"{len(half):x}\r\n".encode() + half + b"\r\n")
        if how == "reset":
            connection.reset()


# As much as is taken into memory whole, and more.
BROKEN_OFF = [(f"{how}-{size}", (WHOLE * 2)[:size], how) for how in ("close", "reset") for size in (30_000, 300_000)]
framings = pytest.mark.parametrize("framing", ["length", "chunks"])


@framings
def test_a_file_that_breaks_off_is_not_there_and_is_sent_again(begun, key, framing):
    with begun.server() as server:
        image, files = image_at(server, key), Files(server, key)
        for name, body, how in BROKEN_OFF:
            break_off(image, "PUT", target_of(name, "1.0"), body, framing, how)
            assert files.fetch(name).status == 404
            assert files.put(name, body).status == 201
            assert files.fetch(name).body == body


@framings
def test_a_blob_that_breaks_off_is_not_there_and_is_sent_again(begun, key, framing):
    with begun.server() as server:
        for name, body, how in BROKEN_OFF:
            image, digest = image_at(server, key, name), digest_of(body)
            break_off(image, "POST", image.at(f"blobs/uploads/?digest={digest}"), body, framing, how)
            assert image.status(f"blobs/{digest}") == 404
            location = image.begin()
            break_off(image, "PUT", f"{location}?digest={digest}", body, framing, how)
            assert (image.progress(location), image.status(f"blobs/{digest}")) == ("0-0", 404)
            assert once_let_go(lambda: image.finish(location, digest, body)).status == 201
            assert push_whole(image, body, digest).status == 201
            assert image.ask("GET", f"blobs/{digest}").body == body


@framings
def test_an_upload_that_breaks_off_goes_on_from_where_it_was(begun, key, framing):
    with begun.server() as server:
        for name, body, how in BROKEN_OFF:
            image, digest = image_at(server, key, name), digest_of(b"before" + body * 2)
            location = image.begin()
            assert image.send(location, b"before", 0).status == 202
            break_off(image, "PATCH", location, body, framing, how)
            assert image.progress(location) == "0-5"
            assert once_let_go(lambda: image.send(location, body, 6)).status == 202
            break_off(image, "PUT", f"{location}?digest={digest}", body, framing, how)
            assert (image.progress(location), image.status(f"blobs/{digest}")) == (f"0-{5 + len(body)}", 404)
            assert once_let_go(lambda: image.finish(location, digest, body)).status == 201
            assert image.ask("GET", f"blobs/{digest}").body == b"before" + body * 2
