"""Clients that are right but unusual: old versions, many requests at once, enormous or absent parts, bodies that
nobody wants."""
import json

import pytest

KIB = 1024


def test_http_1_0_is_answered_and_closed(steady):
    with steady.connect() as connection:
        connection.send("GET /health HTTP/1.0\r\n\r\n")
        answer = connection.read_response()
        assert (answer.status, json.loads(answer.body)["status"]) == (200, "ok")
        connection.expect_close()


def test_http_1_0_may_ask_to_keep_the_connection(steady):
    with steady.connect() as connection:
        for _ in range(3):
            connection.send("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            answer = connection.read_response()
            assert (answer.status, answer.header("Connection")) == (200, "keep-alive")


def test_a_hundred_requests_in_one_write_are_answered_in_order(steady):
    targets = ["/health", "/ready", "/api/v1/status", "/nothing"]
    requests = "".join(f"{'HEAD' if number % 5 == 0 else 'GET'} {targets[number % 4]} HTTP/1.1\r\nHost: localhost\r\n"
                       f"X-Request-Id: pipelined-{number}\r\n\r\n" for number in range(100))
    with steady.connect() as connection:
        connection.send(requests)
        for number in range(100):
            answer = connection.read_response("HEAD" if number % 5 == 0 else "GET")
            assert answer.header("X-Request-Id") == f"pipelined-{number}"
            assert answer.status == (404 if number % 4 == 3 else 200)


def test_requests_split_into_single_bytes_are_understood(steady):
    with steady.connect() as connection:
        for byte in b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n":
            connection.send(bytes([byte]))
        assert connection.read_response().status == 200


@pytest.mark.parametrize("target, status", [("/nothing", 404), ("/health", 405)])
def test_who_asks_before_sending_a_body_is_spared_the_trouble(steady, target, status):
    with steady.connect() as connection:
        connection.send(f"POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        answer = connection.read_response()
        assert (answer.status, answer.header("Connection")) == (status, "close")
        connection.expect_close()


def test_who_does_not_wait_for_the_go_ahead_keeps_the_connection(steady):
    with steady.connect() as connection:
        connection.send("POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
        assert connection.read_response().status == 404
        assert connection.request("GET", "/health").status == 200


@pytest.mark.parametrize("field", ["Content-Length: 0", "X-None: 1"])
def test_no_body_needs_no_go_ahead(steady, field):
    with steady.connect() as connection:
        connection.send(f"GET /health HTTP/1.1\r\nHost: localhost\r\n{field}\r\nExpect: 100-continue\r\n\r\n")
        assert connection.read_response().status == 200
        assert connection.request("GET", "/health").status == 200


@pytest.mark.parametrize("size_bytes", [0, 1, 1 * KIB, 200 * KIB])
def test_a_small_unwanted_body_does_not_cost_the_connection(steady, size_bytes):
    with steady.connect() as connection:
        for _ in range(2):
            answer = connection.request("POST", "/health", {"Content-Length": str(size_bytes)}, b"x" * size_bytes)
            assert (answer.status, answer.header("Allow"), answer.header("Connection")) == (405, "GET, HEAD, OPTIONS", None)


def test_a_large_unwanted_body_is_not_read_and_the_answer_arrives(steady):
    with steady.connect() as connection:
        connection.send("POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n")
        connection.send(b"x" * 512 * KIB)
        answer = connection.read_response()
        assert (answer.status, answer.header("Connection")) == (405, "close")
        connection.expect_close()


def test_a_body_over_the_limit_is_refused_before_it_is_read(steady):
    with steady.connect() as connection:
        connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\n")
        answer = connection.read_response()
        assert (answer.status, answer.header("Connection")) == (413, "close")
        connection.expect_close()


def test_the_last_allowed_header_and_the_first_too_many(steady):
    for count, status in ((100, 200), (101, 431)):
        fields = {f"X-{number}": "v" for number in range(count - 1)}  # and Host
        assert steady.request("GET", "/health", fields).status == status, count


def test_the_largest_allowed_head_and_one_byte_more(steady):
    frame = len("GET /health HTTP/1.1\r\nHost: localhost\r\nX: \r\n\r\n")
    for size_bytes, status in ((32 * KIB, 200), (32 * KIB + 1, 431)):
        assert steady.request("GET", "/health", {"X": "v" * (size_bytes - frame)}).status == status, size_bytes


@pytest.mark.parametrize("configured", [4, 64, 1024])
def test_the_head_limit_is_the_configured_one(start_server, configured):
    server = start_server("--set", f"server.head_bytes={configured}KiB")
    frame = len("GET /health HTTP/1.1\r\nHost: localhost\r\nX: \r\n\r\n")
    for size_bytes, status in ((configured * KIB, 200), (configured * KIB + 1, 431)):
        assert server.request("GET", "/health", {"X": "v" * (size_bytes - frame)}).status == status, size_bytes


def test_the_longest_allowed_target_and_one_byte_more(steady):
    for size_bytes, status in ((8 * KIB, 404), (8 * KIB + 1, 414)):
        assert steady.request("GET", "/" + "a" * (size_bytes - 1)).status == status, size_bytes


def test_the_console_page_comes_in_ranges(steady):
    whole = steady.request("GET", "/")
    if whole.status != 200:
        pytest.skip("there is no console page in this build")
    one = steady.request("GET", "/", {"Range": "bytes=10-19"})
    assert (one.status, one.body, one.header("Content-Range")) == (206, whole.body[10:20], f"bytes 10-19/{len(whole.body)}")
    several = steady.request("GET", "/", {"Range": "bytes=0-0,5-6"})
    assert several.status == 206 and several.header("Content-Type").startswith("multipart/byteranges; boundary=")
    beyond = steady.request("GET", "/", {"Range": "bytes=10000000-"})
    assert (beyond.status, beyond.header("Content-Range")) == (416, f"bytes */{len(whole.body)}")
    check_problem(beyond, "range-not-satisfiable")
    other = steady.request("GET", "/", {"If-Match": '"x"'})
    assert (other.status, other.header("Content-Encoding")) == (412, None)
    check_problem(other, "precondition-failed")


def check_problem(answer, code):
    assert answer.header("Content-Type") == "application/problem+json"
    assert json.loads(answer.body)["code"] == code and json.loads(answer.body)["status"] == answer.status


@pytest.mark.parametrize("ranges", ["bytes=" + ",".join(["0-"] * 1300), "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)),
                                    "bytes=0-18446744073709551615", "bytes=-0", "bytes=5-4", "bytes=" + "," * 5000, "lines=1-2"])
@pytest.mark.parametrize("target", ["/", "/metrics"])
def test_ranges_do_not_multiply_the_answer(steady, target, ranges):
    whole = steady.request("GET", target)
    answer = steady.request("GET", target, {"Range": ranges})
    assert answer.status in (whole.status, 206, 416)
    assert len(answer.body) <= len(whole.body) * 2 + 4 * KIB
