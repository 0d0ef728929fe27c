"""The folder for bytes is not mounted: what is pushed meanwhile is refused, not put into the folder below, and when the mount is back the server goes
on by itself."""
import json

from support.files import Files, make_files_repository
from support.process import wait_until


def storage_check(server):
    """"ok" or "failing", and whether the server counts as ready."""
    answer = server.request("GET", "/ready")
    return json.loads(answer.body)["checks"]["storage"], answer.status


def test_nothing_is_taken_until_the_mount_is_back(begun):
    key = make_files_repository(begun)
    with begun.server() as server:
        assert Files(server, key).put("kept", b"bytes that were there before").status == 201
    folder, mounted = begun.data / "blobs", begun.data / "disk"
    folder.rename(mounted)

    with begun.server() as server:
        files = Files(server, key)
        refused = files.put("new", b"bytes that come meanwhile")
        assert refused.status == 503 and b"does not find what it has stored before" in refused.body
        wait_until(lambda: storage_check(server) == ("failing", 503))
        server.wait_for_log("nothing is taken until the storage is the right one")
        health = json.loads(server.request("GET", "/health", server.operator_headers()).body)
        assert "blobs.dir" in health["storage"]["fault"]
        assert not [path for path in folder.rglob("*") if path.is_file()], "nothing was written below the mount point"

        below = begun.data / "below"
        folder.rename(below)
        mounted.rename(folder)
        wait_until(lambda: storage_check(server) == ("ok", 200))
        assert files.put("new", b"bytes that come meanwhile").status == 201
        assert files.fetch("new").body == b"bytes that come meanwhile"
        assert files.fetch("kept").body == b"bytes that were there before"
    assert not [path for path in below.rglob("*") if path.is_file()]
