"""Starts that must not succeed, and say why: a port, a socket or a data folder in use, files that cannot be had.
And starts that must: after a crash, on what the crash left behind."""
import signal
import socket
import stat
import subprocess

import pytest
from support.raw import Connection
from support.server import Server


def start_in_vain(binary, data, *arguments, listen=("127.0.0.1:0",)):
    """What a start says that must fail soon: its exit code is that of an error, not of a crash."""
    words = [word for address in listen for word in ("--listen", address)]
    run = subprocess.run([binary, "serve", "--data", data, *words, *map(str, arguments)], timeout=30, text=True,
                         stdin=subprocess.DEVNULL, capture_output=True)
    assert run.returncode in (1, 2), run
    assert run.stdout == "" and len(run.stderr.splitlines()) <= 2, run
    return run.stderr


def connect_unix(path):
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(path))
    return Connection.over(client)


def test_a_port_in_use(binary, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = start_in_vain(binary, tmp_path / "data", listen=[f"unix:{tmp_path}/socket", address])
        assert address in said and "another program uses that port" in said
        assert not (tmp_path / "socket").exists()
    with Server(binary, data=tmp_path / "data", listen=address) as server:
        assert server.request("GET", "/ready").status == 200


@pytest.mark.parametrize("address, why", [("192.0.2.1:0", "no such address"), ("unix:/nowhere/at/all", "No such file"),
                                          ("systemd", "no sockets were passed in"), ("registry.example:80", "registry.example")])
def test_an_address_that_cannot_be_had(binary, tmp_path, address, why):
    said = start_in_vain(binary, tmp_path / "data", listen=[address])
    assert address in said and why in said


def test_a_data_folder_in_use(binary, tmp_path):
    with Server(binary, data=tmp_path) as server:
        said = start_in_vain(binary, tmp_path)
        assert str(tmp_path) in said and "in use by another" in said
        assert server.request("GET", "/ready").status == 200


def test_a_data_folder_that_is_a_file(binary, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert str(tmp_path / "file") in start_in_vain(binary, tmp_path / "file")


def test_a_database_that_is_none(binary, tmp_path):
    with Server(binary, data=tmp_path):
        database = next(path for path in tmp_path.iterdir() if path.suffix == ".db")
    database.write_bytes(b"this is no database, but it is where one should be" * 100)
    assert str(database) in start_in_vain(binary, tmp_path)
    assert database.read_bytes().startswith(b"this is no database")


def test_the_log_file_cannot_be_opened(binary, tmp_path):
    assert "/nowhere/at/all" in start_in_vain(binary, tmp_path, "--log-file", "/nowhere/at/all")


def test_it_starts_again_after_a_crash(binary, tmp_path):
    token = tmp_path / "data/secrets/operator-token"
    with Server(binary, data=tmp_path / "data") as crashed:
        before = token.read_text()
        crashed.send_signal(signal.SIGKILL)
        assert crashed.wait() == -signal.SIGKILL
        with Server(binary, data=tmp_path / "data") as server:
            assert server.request("GET", "/ready").status == 200
            assert token.read_text() == before


def test_it_gets_its_port_back_at_once(binary, tmp_path):
    with Server(binary, data=tmp_path / "a") as first:
        address = f"127.0.0.1:{first.port}"
        with first.connect() as connection:  # whose end of the connection stays in TIME_WAIT
            connection.request("GET", "/health", {"Connection": "close"})
            connection.expect_close()
    with Server(binary, data=tmp_path / "a", listen=address) as second:
        assert second.request("GET", "/ready").status == 200


def test_what_it_keeps_is_for_its_owner_only(binary, tmp_path):
    with Server(binary, data=tmp_path / "data"):
        for path in [tmp_path / "data", *(tmp_path / "data").rglob("*")]:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_unix_socket(binary, tmp_path):
    path = tmp_path / "socket"
    with Server(binary, listen=f"unix:{path}") as server:
        assert server.urls == [f"unix:{path}"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with connect_unix(path) as connection:
            assert connection.request("GET", "/ready").status == 200
            assert connection.request("GET", "/metrics").status == 401
            assert connection.request("GET", "/metrics", server.operator_headers()).status == 200
        assert server.wait_for_log("request", path="/ready")["peer"] == "unix"
    assert not path.exists()


def test_a_unix_socket_left_by_a_crash_is_replaced(binary, tmp_path):
    path = tmp_path / "socket"
    with Server(binary, listen=f"unix:{path}") as crashed:
        crashed.send_signal(signal.SIGKILL)
        crashed.wait()
    assert path.exists()
    with Server(binary, listen=f"unix:{path}"), connect_unix(path) as connection:
        assert connection.request("GET", "/ready").status == 200


def test_a_unix_socket_that_somebody_serves_is_left_alone(binary, tmp_path):
    path = tmp_path / "socket"
    with Server(binary, listen=f"unix:{path}"):
        said = start_in_vain(binary, tmp_path / "other", listen=[f"unix:{path}"])
        assert str(path) in said and "another program listens there" in said
        with connect_unix(path) as connection:
            assert connection.request("GET", "/ready").status == 200


def test_a_file_in_the_place_of_a_unix_socket_is_left_alone(binary, tmp_path):
    path = tmp_path / "precious"
    path.write_text("precious")
    assert str(path) in start_in_vain(binary, tmp_path / "data", listen=[f"unix:{path}"])
    assert path.read_text() == "precious"


def test_a_datagram_socket_in_its_place_is_left_alone(binary, tmp_path):
    path = tmp_path / "datagrams"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(path))
        assert str(path) in start_in_vain(binary, tmp_path / "data", listen=[f"unix:{path}"])
        assert path.exists()
