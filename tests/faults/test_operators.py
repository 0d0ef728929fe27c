"""Who is believed: forwarded headers only from configured proxies, and /metrics only for the operator."""
import pytest
from support.server import Server

CLIENT = "203.0.113.7"


def peer_of(server, headers):
    """The client's address as the log shows it."""
    number = len(server.log())
    request_id = f"request-{number}"
    server.request("GET", "/health", {"X-Request-Id": request_id, **headers})
    return server.wait_for_log("request", id=request_id)["peer"]


@pytest.fixture(scope="module")
def behind_proxy(binary):
    with Server(binary, ["--set", "server.trusted_proxies=127.0.0.1,10.0.0.0/8"]) as server:
        yield server


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": CLIENT}, {"Forwarded": f"for={CLIENT}"}, {"X-Real-IP": CLIENT}])
def test_strangers_are_not_believed(steady, headers):
    assert peer_of(steady, headers) == "127.0.0.1"


@pytest.mark.parametrize("headers, peer", [
    ({"X-Forwarded-For": CLIENT}, CLIENT),
    ({"X-Forwarded-For": f"198.51.100.1, {CLIENT}"}, CLIENT),
    ({"X-Forwarded-For": f"{CLIENT}, 10.1.2.3"}, CLIENT),
    ({"X-Forwarded-For": "10.1.2.3"}, "10.1.2.3"),
    ({"X-Forwarded-For": f"unknown, {CLIENT}"}, CLIENT),
    ({"X-Forwarded-For": "nonsense"}, "127.0.0.1"),
    ({"Forwarded": f"for={CLIENT};proto=https"}, "127.0.0.1"),
    ({"X-Forwarded-For": CLIENT, "Forwarded": "for=198.51.100.1"}, CLIENT),
    ({}, "127.0.0.1"),
])
def test_proxies_are_believed_as_far_as_they_are_trusted(behind_proxy, headers, peer):
    assert peer_of(behind_proxy, headers) == peer


@pytest.mark.parametrize("headers, peer", [
    ({"Forwarded": f"for={CLIENT};proto=https"}, CLIENT),
    ({"Forwarded": f'for="{CLIENT}'}, "127.0.0.1"),
    ({"X-Forwarded-For": CLIENT}, "127.0.0.1"),
    ({"X-Forwarded-For": "198.51.100.1", "Forwarded": f"for={CLIENT}"}, CLIENT),
])
def test_one_family_of_headers_is_read(start_server, headers, peer):
    server = start_server("--set", "server.trusted_proxies=127.0.0.1", "--set", "server.forwarded_header=forwarded")
    assert peer_of(server, headers) == peer


def test_each_forwarded_client_has_its_own_request_rate(start_server):
    server = start_server("--set", "server.trusted_proxies=127.0.0.1", "--set", "server.requests_per_second_per_client=1")
    with server.connect() as connection:
        def status(client, target="/api/v1/status"):
            return connection.request("GET", target, {"X-Forwarded-For": client}).status
        assert [status(CLIENT), status(CLIENT), status("203.0.113.8")] == [200, 429, 200]
        assert [status(CLIENT, "/health"), status(CLIENT, "/ready")] == [200, 200], "a balancer is always answered"


@pytest.mark.parametrize("headers", [
    {}, {"Host": "localhost"}, {"Host": "lodestone.example"}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=127.0.0.1"}, {"Via": "1.1 proxy"},
    {"X-Real-IP": "127.0.0.1"}, {"Origin": "https://evil.example"}, {"Authorization": "Bearer nonsense"},
    {"Authorization": "Bearer "}, {"Authorization": "Basic Og=="}, {"Host": "127.0.0.1.evil.example"},
    {"Host": "localhost.evil.example"}, {"Host": "127.evil.example"},
])
def test_metrics_are_not_for_strangers(steady, headers):
    answer = steady.request("GET", "/metrics", headers)
    assert answer.status == 401 and answer.header("WWW-Authenticate").startswith("Bearer")
    assert b"lodestone_" not in answer.body


@pytest.fixture(scope="module")
def trusting(binary):
    with Server(binary, ["--set", "operators.trust_local=true"]) as server:
        yield server


@pytest.mark.parametrize("headers", [{}, {"Host": "127.0.0.1:80"}, {"Host": "[::1]:80"}])
def test_metrics_are_for_who_sits_at_the_machine_where_that_is_said(trusting, headers):
    assert trusting.request("GET", "/metrics", headers).status == 200


@pytest.mark.parametrize("headers", [{"Host": "lodestone.example"}, {"X-Forwarded-For": "127.0.0.1"}, {"Via": "1.1 proxy"}])
def test_even_then_not_for_who_came_through_a_proxy(trusting, headers):
    assert trusting.request("GET", "/metrics", headers).status == 401


@pytest.mark.parametrize("headers", [{"Host": "lodestone.example"}, {"X-Forwarded-For": CLIENT}])
def test_metrics_are_for_who_has_the_token(steady, headers):
    assert steady.request("GET", "/metrics", {**headers, **steady.operator_headers()}).status == 200


def test_behind_a_proxy_nobody_sits_at_the_machine(behind_proxy):
    assert behind_proxy.request("GET", "/metrics").status == 401
    assert behind_proxy.request("GET", "/metrics", behind_proxy.operator_headers()).status == 200


def test_the_token_is_never_logged(steady):
    token = steady.operator_headers()
    steady.request("GET", "/metrics", {"Host": "lodestone.example", **token})
    steady.request("GET", "/metrics", {"Host": "lodestone.example", "Authorization": token["Authorization"][:-1]})
    assert token["Authorization"][-20:-1] not in steady.log_text()
