"""Files of the store that a disk has changed, cut or lost: scrubbing finds them, nobody is given them, everybody is told, and
whoever publishes the same bytes again has them back."""
import hashlib
import json
import os
import random

import pytest
from support.files import Files, make_files_repository
from support.process import wait_until

QUARANTINED = "a blob is damaged and quarantined: send the same bytes again, or bring them back"


@pytest.fixture
def files(begun):
    """Of the installation; the server runs."""
    key = make_files_repository(begun)
    with begun.server() as server:
        yield Files(server, key)


def path_of(installation, content):
    """Where the bytes are; they may be written to from now on."""
    digest = hashlib.sha256(content).hexdigest()
    [path] = (installation.data / "blobs/sha256" / digest[:2]).glob(f"{digest}-*")
    path.chmod(0o600)
    return path


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


def scrub(installation, *, has_all=True):
    """As an administrator does it, beside the server: what was found, and the exit code."""
    done = installation.run("storage", "scrub", *(["--all"] if has_all else []), "--json")
    return json.loads(done.stdout), done.returncode


def read_health(server):
    return json.loads(server.request("GET", "/health", server.operator_headers()).body)["storage"]


def test_damage_is_found_told_and_healed(begun, files):
    contents = {name: random.Random(name).randbytes(300_000) for name in ("fine", "flipped", "cut", "lost")}
    for name, content in contents.items():
        assert files.put(name, content).status == 201
    flip_a_bit(path_of(begun, contents["flipped"]))
    os.truncate(path_of(begun, contents["cut"]), 1000)
    path_of(begun, contents["lost"]).unlink()

    found, code = scrub(begun)
    assert (found["checked"], found["quarantined"], code) == (4, 3, 1)
    assert files.fetch("fine").body == contents["fine"]
    for name in ("flipped", "cut", "lost"):
        refused = files.fetch(name)
        assert refused.status == 503 and f"The file {name} was damaged where it is kept".encode() in refused.body
    listed = {row["sha256"]: row for row in begun.rows("storage", "quarantined")}
    assert set(listed) == {hashlib.sha256(contents[name]).hexdigest() for name in ("flipped", "cut", "lost")}
    for row in listed.values():
        assert row["needed_by"] == [{"tenant": "Default", "repository": "files", "package": "tool", "version": "1.0"}]
    assert begun.json("storage", "status")["quarantined"] == 3
    wait_until(lambda: read_health(files.server)["quarantined"] == 3)
    assert "3 blobs are damaged" in read_health(files.server)["fault"]
    ready = json.loads(files.server.request("GET", "/ready").body)
    assert ready["status"] == "ready" and ready["checks"]["blobs"] == "degraded", "all the rest can be served"
    actions = [row["action"] for row in begun.rows("audit", "list", "--action", "blob.quarantine")]
    assert len(actions) == 3

    for name in ("flipped", "cut", "lost"):
        assert files.put(name, contents[name]).status == 201
        assert files.fetch(name).body == contents[name]
    files.server.wait_for_log("a quarantined blob has its bytes again")
    found, code = scrub(begun)
    assert (found["checked"], found["quarantined"], code) == (4, 0, 0)
    wait_until(lambda: read_health(files.server)["quarantined"] == 0)
    assert begun.rows("storage", "quarantined") == []


def test_another_folder_is_no_loss_unless_somebody_says_so(begun, files):
    contents = [random.Random(number).randbytes(1_000) for number in range(9)]
    for number, content in enumerate(contents):
        assert files.put(f"file-{number}", content).status == 201
        path_of(begun, content).unlink()
    found, code = scrub(begun)
    assert (found["quarantined"], code) == (0, 1)
    done = begun.run("storage", "scrub", "--all", "--lost", "--json")
    assert (json.loads(done.stdout)["quarantined"], done.returncode) == (9, 1)
    assert files.put("file-0", contents[0]).status == 201
    assert files.fetch("file-0").body == contents[0]


def test_a_backup_that_was_put_back_is_found_whole(begun, files):
    content = random.Random(1).randbytes(50_000)
    assert files.put("file", content).status == 201
    path = path_of(begun, content)
    flip_a_bit(path)
    assert scrub(begun)[1] == 1
    path.write_bytes(content)
    found, code = scrub(begun, has_all=False)
    assert (found["checked"], found["released"], code) == (1, 1, 0), "what is quarantined is always looked at"
    assert files.fetch("file").body == content


def test_another_size_is_noticed_by_whoever_asks(begun, files):
    for size in (0, 49_999, 50_001, 90_000):
        name, content = f"file-{size}", random.Random(size).randbytes(50_000)
        assert files.put(name, content).status == 201
        assert files.fetch(name).body == content
        os.truncate(path_of(begun, content), size)
        for _ in range(2):
            refused = files.fetch(name)
            assert refused.status == 503 and content[:100] not in refused.body
        entry = files.server.wait_for_log(QUARANTINED, sha256=hashlib.sha256(content).hexdigest())
        assert entry["fault"] == f"there are {size} bytes instead of 50000"
        [row] = begun.rows("storage", "quarantined")
        assert row["fault"] == entry["fault"]
        assert files.put(name, content).status == 201
        assert files.fetch(name).body == content
    found, code = scrub(begun)
    assert (found["checked"], found["quarantined"], code) == (4, 0, 0)


def test_what_is_cut_while_it_is_sent_breaks_off(begun, files):
    content = random.Random(6).randbytes(32_000_000)  # more than sockets hold
    assert files.put("file", content).status == 201
    with files.server.connect() as connection:
        files.ask_for(connection, "file")
        head = connection.read_head()
        assert b"200 OK" in head and b"Content-Length: 32000000" in head
        os.truncate(path_of(begun, content), 31_000_000)
        got = connection.read_to_end()
    assert len(got) <= 31_000_000 and content.startswith(got), "no byte of another kind, and not the end of an answer"
    assert files.fetch("file").status == 503
    assert files.put("file", content).status == 201
    assert files.fetch("file").body == content


def test_a_server_scrubs_by_itself(begun):
    key = make_files_repository(begun)
    content = random.Random(2).randbytes(50_000)
    with begun.server() as server:
        assert Files(server, key).put("file", content).status == 201
    flip_a_bit(path_of(begun, content))
    begun.sql("UPDATE blobs SET created_at = 1")  # long ago
    begun.sql("UPDATE chores SET next_at = 0")  # its turn
    with begun.server() as server:
        entry = server.wait_for_log(QUARANTINED)
        assert entry["level"] == "error" and entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert Files(server, key).fetch("file").status == 503
        page = server.request("GET", "/metrics", server.operator_headers()).body.decode()
        assert "lodestone_blobs_found_damaged_total 1" in page


def test_what_nothing_names_is_left_alone_while_it_is_young(begun, files):
    content = random.Random(3).randbytes(1_000)
    assert files.put("file", content).status == 201
    named = path_of(begun, content)
    # As a crash leaves it between storing and entering.
    unnamed = named.with_name(named.name[:-1] + ("0" if named.name[-1] != "0" else "1"))
    unnamed.write_bytes(content)
    found, code = scrub(begun)
    assert (found["removed"], code) == (0, 0)
    assert unnamed.exists() and files.fetch("file").body == content


def test_collecting_says_beforehand_what_it_would_do(begun, files):
    content = random.Random(4).randbytes(1_000)
    assert files.put("file", content).status == 201
    assert begun.json("storage", "collect", "--dry-run") == {"to_review": 0, "to_condemn": 0, "to_delete": 0, "to_delete_bytes": 0}
    # As if the version had been purged long ago.
    begun.sql("DELETE FROM blob_uses")
    begun.sql("UPDATE blobs SET review_at = 1")
    plan = begun.json("storage", "collect", "--dry-run")
    assert (plan["to_condemn"], plan["to_delete"]) == (1, 0)
    assert begun.json("storage", "status")["live"] == 1, "it was only asked"
    assert begun.json("storage", "collect")["condemned"] == 1
    begun.sql("UPDATE blobs SET review_at = 1")
    assert begun.json("storage", "status")["reclaimable_bytes"] == 1_000
    assert begun.json("storage", "collect")["deleted_bytes"] == 1_000
    assert begun.json("storage", "status")["blobs"] == 0
    assert not list((begun.data / "blobs/sha256").glob("*/*"))
