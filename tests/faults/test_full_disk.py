"""The embedded database on a disk without space: a small file system of its own, filled to the last block. What was
acknowledged stays, what was not is told in words, and writing goes on when there is space again."""
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
from pathlib import Path

import pytest
from support.process import wait_until
from support.server import Server

DISK_BYTES = 6 * 1024 * 1024
# In a mount namespace of its own: nothing is left when the process ends, however it ends.
LAUNCHER = 'mount -t tmpfs -o size="$1",mode=700 tmpfs "$2" && cp -a "$3/." "$2" && shift 3 && exec "$@"'
UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]


def can_mount(folder) -> bool:
    tried = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", folder], capture_output=True, check=False)
    return tried.returncode == 0


class FullDisk:
    """A server whose data folder is a small file system, and what the test does beside it."""

    def __init__(self, binary, tmp_path):
        if not can_mount(tmp_path):
            pytest.skip("nobody may mount a file system here, not even in a namespace of their own")
        prepared, mounted = tmp_path / "prepared", tmp_path / "disk"
        mounted.mkdir()
        with Server(binary, data=prepared) as server:
            server.wait_for_log("serving")
        made = subprocess.run([binary, "key", "create", "--data", prepared, "--user", "admin", "--quiet"], capture_output=True, text=True,
                              check=False)
        assert made.returncode == 0, made.stderr
        self.headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
        launcher = [*UNSHARE, "sh", "-c", LAUNCHER, "sh", str(DISK_BYTES), str(mounted), str(prepared)]
        self.server = Server(binary, data=mounted, launcher=launcher)
        self.kept = []

    def __enter__(self):
        self.server.start()
        self.folder = Path(f"/proc/{self.server.pid}/root{self.server.data}")
        assert os.statvfs(self.folder).f_blocks * os.statvfs(self.folder).f_frsize == DISK_BYTES
        return self

    def __exit__(self, *_):
        self.server.stop()

    def fill(self):
        """To the last byte, whatever else is written meanwhile."""
        with open(self.folder / "filler", "ab", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while filler.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def make_room(self):
        (self.folder / "filler").unlink()

    def make_app(self, name):
        """The status of the answer, and its body. What is acknowledged is noted."""
        body = json.dumps({"id": name, "name": name, "metadata": {"text": "x" * 2000}}).encode()
        answer = self.server.request("POST", "/api/v1/tenants/default/apps", self.headers, body)
        if answer.status == 201:
            self.kept.append(name)
        return answer.status, answer.body.decode()

    def write_until_refused(self, writer) -> str:
        for number in range(100_000):
            status, body = self.make_app(f"{writer}-{number}")
            if status != 201:
                return f"{status} {body}"
        raise AssertionError("the disk is never full")

    def image(self, to: Path) -> Path:
        """The files as they would be if the power failed now."""
        self.server.send_signal(signal.SIGSTOP)
        to.mkdir()
        for file in self.folder.glob("lodestone.db*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, to)
        self.server.send_signal(signal.SIGCONT)
        return to / "lodestone.db"


@pytest.fixture
def disk(binary, tmp_path):
    with FullDisk(binary, tmp_path) as full:
        yield full


def check_image(path, kept):
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    there = {row[0] for row in database.execute("SELECT id FROM apps")}
    database.close()
    assert there >= set(kept), f"{len(set(kept) - there)} acknowledged are gone"


def test_a_full_disk_loses_nothing_and_heals(disk, tmp_path):
    refusals = []

    def write(number):
        refusals.append(disk.write_until_refused(f"before-{number}"))

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    wait_until(lambda: len(disk.kept) >= 20)
    disk.fill()
    for writer in writers:
        writer.join()
    assert all(refusal.startswith("507 ") and "The database has no space left." in refusal for refusal in refusals), refusals
    wait_until(lambda: disk.server.request("GET", "/ready").status == 503)
    kept = list(disk.kept)
    check_image(disk.image(tmp_path / "full"), kept)
    for name in (kept[0], kept[-1]):
        assert disk.server.request("GET", f"/api/v1/tenants/default/apps/{name}", disk.headers).status == 200, "reading goes on"
    assert disk.server.request("GET", "/health").status == 200
    assert disk.make_app("too-much")[0] == 507

    disk.make_room()
    wait_until(lambda: disk.server.request("GET", "/ready").status == 200)
    disk.server.wait_for_log("database takes writes again")
    assert disk.make_app("after")[0] == 201
    check_image(disk.image(tmp_path / "healed"), disk.kept)


def test_a_start_on_a_full_disk_says_so(binary, tmp_path):
    if not can_mount(tmp_path):
        pytest.skip("nobody may mount a file system here, not even in a namespace of their own")
    fill = 'mount -t tmpfs -o size=8192 tmpfs "$1" && head -c 8192 /dev/zero >"$1/filler"; shift && exec "$@"'
    data = tmp_path / "data"
    data.mkdir()
    command = [*UNSHARE, "sh", "-c", fill, "sh", data, binary, "serve", "--data", data, "--listen", "127.0.0.1:0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 1, done
    assert str(data) in done.stderr and ("No space left" in done.stderr or "full" in done.stderr), done.stderr
