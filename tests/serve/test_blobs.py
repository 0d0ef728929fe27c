"""Where the server keeps bytes: a folder of its own, which it makes, looks after, and says so when it cannot."""
import json
import re
import stat
import subprocess

from support.process import wait_until


def test_makes_its_folder_and_is_well(server):
    folder = server.data / "blobs"
    assert sorted(path.name for path in folder.iterdir()) == ["sha256", "tmp", "uploads"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.iterdir())} == {0o700}
    assert not list((folder / "tmp").iterdir())
    assert json.loads(server.request("GET", "/ready").body)["checks"]["storage"] == "ok"


def test_keeps_them_elsewhere_when_told(start_server, tmp_path):
    server = start_server(env={"LODESTONE_BLOBS_DIR": str(tmp_path / "elsewhere/blobs")})
    assert (tmp_path / "elsewhere/blobs/sha256").is_dir()
    assert not (server.data / "blobs").exists()


def test_does_not_start_without_it(binary, tmp_path):
    (tmp_path / "file").write_text("x")
    done = subprocess.run([binary, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--set", f"blobs.dir={tmp_path / 'file'}"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "Cannot open the folder for blobs" in done.stderr and str(tmp_path / "file") in done.stderr


def test_collects_from_the_first_minute_on(server):
    def last_done():
        text = server.request("GET", "/metrics", server.operator_headers()).body.decode()
        found = re.search(r'lodestone_chore_last_done_seconds\{chore="blobs.collect"\} (\d+)', text)
        return found and int(found[1])

    wait_until(last_done)
    server.stop()
    assert server.exit_code == 0
