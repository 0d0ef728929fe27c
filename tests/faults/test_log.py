"""The log when its disk is full or its file is moved away, and its level while the program runs. Serving goes on."""
import os
import resource
import signal
import subprocess

import pytest
from support.process import read_metrics, wait_until
from support.server import Server, parse_log_line
from support.slow_reader import ask_without_reading, narrow_connection

DROPPED = "lodestone_log_lines_dropped_total"


@pytest.fixture
def tiny_disk(tmp_path):
    """A file system of 1 MiB; only root can have one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"mounting a small tmpfs needs privileges that are not here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def read_log(path):
    return [parse_log_line(line) for line in path.read_text().splitlines()]


def test_a_full_disk_costs_lines_and_nothing_else(binary, tiny_disk):
    log, ballast = tiny_disk / "log", tiny_disk / "ballast"
    with Server(binary, ["--log-file", log]) as server, server.connect() as connection:
        fill(ballast)
        fill(log.with_name("more"))
        wait_until(lambda: read_metrics(connection)[DROPPED] > 10)
        assert connection.request("GET", "/ready").status == 200
        dropped = read_metrics(connection)[DROPPED]
        ballast.unlink()
        wait_until(lambda: connection.request("GET", "/health", {"X-Request-Id": "after"}) and "after" in log.read_text())
        server.stop()
        lines = read_log(log)
        lost = [line for line in lines if line.get("event") == "log lines lost"]
        assert lost and sum(line["count"] for line in lost) >= dropped
        assert "No space left" in lost[0]["cause"]
        assert not [line for line in lines if "raw" in line], "a torn line"


def fill(path):
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass


def test_a_log_that_never_takes_a_line(binary):
    with open("/dev/full", "w") as full, Server(binary, popen={"stderr": full}) as server, server.connect() as connection:
        wait_until(lambda: read_metrics(connection)[DROPPED] > 10)
        assert connection.request("GET", "/ready").status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0


def test_a_log_whose_reader_is_gone(binary):
    reader, writer = os.pipe()
    with Server(binary, popen={"stderr": writer}) as server, server.connect() as connection:
        os.close(writer)
        os.close(reader)
        wait_until(lambda: read_metrics(connection)[DROPPED] > 10)
        assert connection.request("GET", "/ready").status == 200


def test_a_log_whose_reader_sleeps(binary):
    reader, writer = os.pipe()
    with Server(binary, popen={"stderr": writer}) as server, server.connect() as connection:
        os.close(writer)
        agent = {"User-Agent": "x" * 4000}
        wait_until(lambda: connection.request("GET", "/health", agent) and read_metrics(connection)[DROPPED] > 10, 30)
        assert connection.request("GET", "/ready").status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        os.close(reader)


def test_a_file_size_limit_is_like_a_full_disk(binary, tmp_path):
    most = 512 * 1024  # more than a new database needs, less than the log wants
    limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))}
    with Server(binary, ["--log-file", tmp_path / "log"], popen=limit) as server, server.connect() as connection:
        long_path = "/" + "x" * 1900
        wait_until(lambda: connection.request("GET", long_path) and read_metrics(connection)[DROPPED] > 10, 30)
        assert connection.request("GET", "/health").status == 200


def test_a_database_that_may_not_grow_ends_the_start_with_a_sentence(binary, tmp_path):
    command = [str(binary), "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"]
    done = subprocess.run(command, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "lodestone:" in done.stderr


def test_rotation_loses_no_line(start_server, tmp_path):
    log, old = tmp_path / "log", tmp_path / "log.1"
    server = start_server("--log-file", log)
    with server.connect() as connection:
        for number in range(300):
            connection.request("GET", "/health", {"X-Request-Id": f"line-{number}"})
            if number == 100:
                wait_until(lambda: connection.request("GET", "/health") and "line-100" in log.read_text())
                log.rename(old)
            if number == 200:
                wait_until(lambda: connection.request("GET", "/health") and "line-200" in old.read_text())
                server.send_signal(signal.SIGHUP)
                wait_until(lambda: connection.request("GET", "/health") and log.exists())
    server.stop()
    ids = [line.get("id") for path in (old, log) for line in read_log(path)]
    assert [name for name in ids if str(name).startswith("line-")] == [f"line-{number}" for number in range(300)]
    assert "line-299" in log.read_text()


def test_a_file_that_cannot_be_opened_again_is_kept(start_server, tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    server = start_server("--log-file", folder / "log")
    folder.rename(tmp_path / "moved")
    server.send_signal(signal.SIGHUP)
    moved = tmp_path / "moved/log"
    wait_until(lambda: server.request("GET", "/health") and "log file not reopened" in moved.read_text())


def test_the_level_follows_the_configuration(start_server, tmp_path):
    config = tmp_path / "lodestone.toml"
    config.write_text('[log]\nlevel = "warn"\n')
    server = start_server("--config", config)
    with server.connect() as connection:
        connection.request("GET", "/health", {"X-Request-Id": "unseen"})
        connection.request("GET", "/health")  # once this is answered, the line of the other is decided
    config.write_text('[log]\nlevel = "info"\nslow_request = "0s"\n')
    server.reload()
    server.request("GET", "/health", {"X-Request-Id": "seen"})
    server.wait_for_log("request", id="seen")
    assert not [line for line in server.log() if line.get("id") == "unseen"]


def test_a_mistake_in_the_configuration_changes_nothing(start_server, tmp_path):
    config = tmp_path / "lodestone.toml"
    config.write_text('[log]\nlevel = "info"\n')
    server = start_server("--config", config)
    config.write_text('[log]\nlevel = "error"\nlevle = "error"\n')
    lines = {line["event"]: line for line in server.reload()}
    assert "levle" in lines["configuration not reloaded"]["fault"]
    assert "reload incomplete" in lines and "reloaded" not in lines
    server.request("GET", "/health", {"X-Request-Id": "seen"})
    server.wait_for_log("request", id="seen")


def test_the_request_rate_follows_the_configuration(start_server, tmp_path):
    config = tmp_path / "lodestone.toml"
    config.write_text("")
    server = start_server("--config", config)
    assert [server.request("GET", "/api/v1/status").status for _ in range(5)] == [200] * 5
    config.write_text("[server]\nrequests_per_second_per_client = 1\nrequest_burst_per_client = 2\n")
    server.reload()
    assert [server.request("GET", "/api/v1/status").status for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("patience, is_slow", [("0s", False), ("50ms", True)])
def test_slow_requests_are_called_so(start_server, patience, is_slow):
    server = start_server("--set", f"log.slow_request={patience}")
    with narrow_connection(server) as connection:
        ask_without_reading(connection)  # one of them waits for us meanwhile
        for _ in range(100):
            assert connection.read_response().status == 200
    server.stop()
    assert any(line.get("event") == "slow request" for line in server.log()) == is_slow
