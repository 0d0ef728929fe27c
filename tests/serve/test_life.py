"""The life of the shipped program: it starts where it says, answers, logs what it answered, and ends when told."""
import signal
import subprocess
from pathlib import Path


def test_answers_where_it_says(server):
    assert server.request("GET", "/health").status == 200
    logged = server.wait_for_log("request", path="/health")
    assert (logged["method"], logged["status"]) == ("GET", 200)


def test_loads_no_client_of_postgres_while_it_serves_from_sqlite(server):
    assert server.request("GET", "/health").status == 200
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert "libsqlite3" in maps and "libpq" not in maps


def test_refuses_and_closes_what_is_no_request(start_server):
    server = start_server(env={"LODESTONE_LOG_LEVEL": "debug"})
    with server.connect() as connection:
        connection.send("GET / HTTP/1.1\r\n\r\n")  # without Host
        assert connection.read_response().status == 400
        connection.expect_close()


def test_answers_what_was_pipelined_in_order(server):
    with server.connect() as connection:
        connection.send("".join(f"GET /{name} HTTP/1.1\r\nHost: localhost\r\n\r\n" for name in ("health", "nowhere", "health")))
        assert [connection.read_response().status for _ in range(3)] == [200, 404, 200]


def test_ends_well_when_told(server):
    server.send_signal(signal.SIGTERM)
    assert server.wait() == 0


def test_starts_again_on_the_same_data(start_server, tmp_path):
    for _ in range(2):
        server = start_server(data=tmp_path / "data")
        assert server.request("GET", "/ready").status == 200
        server.stop()
        assert server.exit_code == 0


def test_a_port_in_use_is_said_in_one_line(server, binary, tmp_path):
    second = subprocess.run([binary, "serve", "--data", tmp_path, "--listen", f"127.0.0.1:{server.port}"],
                            capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert str(server.port) in second.stderr and "another program uses that port" in second.stderr
