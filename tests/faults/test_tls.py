"""HTTPS when certificates are wrong, clients are old or confused, and the certificate is renewed while all go on."""
import contextlib
import os
import pty
import select
import signal
import socket
import ssl
import subprocess
import warnings

import pytest
from support.certificates import Certificate, name_of
from support.process import cpu_seconds, read_metrics, wait_until
from support.raw import Closed, Connection
from support.server import Server


# Root reads every file, whatever its mode says, by a right that it can do without.
LIKE_ANYBODY = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    return {name: Certificate(folder, name) for name in ("first", "second")}


def tls_arguments(certificate, *more):
    return ["--tls-listen", "127.0.0.1:0", "--tls-certificate-file", certificate.certificate_file,
            "--tls-key-file", certificate.key_file, *more]


@pytest.fixture(scope="module")
def secure(binary, certificates):
    with Server(binary, tls_arguments(certificates["first"])) as server:
        yield server


@pytest.fixture
def renewable(certificates, tmp_path):
    """A certificate in files of the test's own."""
    mine = Certificate.__new__(Certificate)
    mine.certificate_file, mine.key_file = tmp_path / "tls.crt", tmp_path / "tls.key"
    certificates["first"].copy_over(mine)
    mine.key_file.chmod(0o600)
    return mine


def tls_port(server):
    return int(server.urls[-1].rpartition(":")[2])


def connect_tls(server, certificate, **options):
    context = certificate.client_context()
    for name, value in options.items():
        setattr(context, name, value)
    return Connection("127.0.0.1", tls_port(server), wrap=lambda plain: context.wrap_socket(plain, server_hostname="localhost"))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_current_versions_are_spoken(secure, certificates, version):
    with connect_tls(secure, certificates["first"], minimum_version=version, maximum_version=version) as connection:
        assert connection.socket.version() == version.name.replace("_", ".")
        for _ in range(3):
            assert connection.request("GET", "/ready").status == 200
        connection.send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)
        assert [connection.read_response().status for _ in range(50)] == [200] * 50


def old_context(version, certificate):
    context = certificate.client_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():  # Python warns of what this test is about
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, version
    return context


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_versions_are_refused_by_the_server(secure, certificates, version):
    context = old_context(getattr(ssl.TLSVersion, version), certificates["first"])
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"), socket.create_connection(("127.0.0.1", tls_port(secure))) as plain:
        context.wrap_socket(plain, server_hostname="localhost")


def test_the_oldest_version_can_be_raised(start_server, certificates):
    server = start_server(*tls_arguments(certificates["first"], "--set", "tls.minimum_version=1.3"))
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        connect_tls(server, certificates["first"], maximum_version=ssl.TLSVersion.TLSv1_2)
    with connect_tls(server, certificates["first"]) as connection:
        assert connection.request("GET", "/ready").status == 200


@pytest.mark.parametrize("request_text", ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "GET /"])
def test_plain_http_on_the_tls_port_is_told_so(secure, request_text):
    refused = 'lodestone_connections_refused_total{reason="plain_http"}'
    with secure.connect() as witness, Connection("127.0.0.1", tls_port(secure)) as connection:
        before = read_metrics(witness)[refused]
        connection.send(request_text)
        answer = connection.read_response()
        assert read_metrics(witness)[refused] == before + 1
        secure.wait_for_log("plain HTTP refused", status=426, peer="127.0.0.1")
        assert (answer.status, answer.header("Connection")) == (426, "Upgrade, close")
        assert answer.header("Upgrade").startswith("TLS/1.2")
        connection.expect_close()


@pytest.mark.parametrize("noise", [b"\x16\x03\x01" + b"\xff" * 1000, b"\x16", b"\x16\x03\x01\xff\xff\x01\0\0\x01"])
def test_noise_on_the_tls_port_is_cut_off(secure, noise):
    with secure.connect() as witness, Connection("127.0.0.1", tls_port(secure)) as connection:
        refused = 'lodestone_connections_refused_total{reason="tls_handshake"}'
        before = read_metrics(witness)[refused]
        connection.send(noise)
        with contextlib.suppress(OSError):  # already reset: it was quick
            connection.finish_sending()
            left = connection.read_to_end()
            assert not left or left[0] == 0x15  # an alert
        wait_until(lambda: read_metrics(witness)[refused] == before + 1)


def test_tls_cut_without_goodbye_ends_the_connection(secure, certificates):
    with connect_tls(secure, certificates["first"]) as connection:
        connection.send("GET /health HTTP/1.1\r\nHost:")
        connection.reset()
    with connect_tls(secure, certificates["first"]) as connection:
        assert connection.request("GET", "/ready").status == 200


@pytest.mark.parametrize("setting", ["certificate_file", "key_file"])
@pytest.mark.parametrize("fault", ["missing", "a folder", "empty", "nonsense", "cut", "unreadable"])
def test_a_file_that_is_no_use_is_named(binary, tmp_path, renewable, setting, fault):
    path = getattr(renewable, setting)
    whole = path.read_bytes()
    path.unlink()
    if fault == "a folder":
        path.mkdir()
    elif fault == "unreadable":
        path.write_bytes(whole)
        path.chmod(0)
    elif fault != "missing":
        path.write_bytes({"empty": b"", "nonsense": b"\0nonsense\n" * 50, "cut": whole[:len(whole) // 2]}[fault])
        path.chmod(0o600)
    said = start_in_vain(binary, tmp_path / "data", renewable)
    assert str(path) in said and ("Permission denied" in said) == (fault == "unreadable")


def test_a_key_of_another_certificate_is_named(binary, tmp_path, renewable, certificates):
    renewable.key_file.write_bytes(certificates["second"].key_file.read_bytes())
    said = start_in_vain(binary, tmp_path / "data", renewable)
    assert str(renewable.key_file) in said and "which is not the key of the certificate" in said


def start_in_vain(binary, data, certificate):
    run = subprocess.run([*LIKE_ANYBODY, binary, "serve", "--data", data, "--listen", "127.0.0.1:0", *tls_arguments(certificate)], timeout=30,
                         stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert run.returncode in (1, 2) and run.stdout == "", run
    return run.stderr


def shown_name(server, *trusted):
    """The name in the certificate that a new handshake gets; trusting exactly one of these at a time."""
    for certificate in trusted:
        try:
            with connect_tls(server, certificate) as connection:
                return name_of(connection.socket)
        except ssl.SSLCertVerificationError:
            continue
    raise AssertionError("an unknown certificate")


def test_a_renewed_certificate_is_shown_to_new_clients_and_old_ones_stay(start_server, renewable, certificates):
    first, second = certificates["first"], certificates["second"]
    server = start_server(*tls_arguments(renewable))
    with connect_tls(server, first) as old:
        assert old.request("GET", "/health").status == 200
        second.copy_over(renewable)
        assert shown_name(server, first, second) == "first"  # not before it is told
        server.reload()
        assert shown_name(server, first, second) == "second"
        assert old.request("GET", "/health").status == 200


@pytest.mark.parametrize("fault", ["nonsense", "missing", "mismatched", "unreadable"])
def test_a_broken_renewal_keeps_the_old_certificate_and_is_logged(start_server, renewable, certificates, fault):
    server = start_server(*tls_arguments(renewable), launcher=LIKE_ANYBODY)
    if fault == "missing":
        renewable.certificate_file.unlink()
    elif fault == "unreadable":
        renewable.certificate_file.chmod(0)
    else:
        renewable.certificate_file.write_bytes(b"nonsense" if fault == "nonsense" else certificates["second"].certificate_file.read_bytes())
    told = server.reload()
    assert "reloaded" not in [line.get("event") for line in told]
    lines = [line for line in told if line.get("level") == "error"]
    assert lines and "tls." in str(lines) or str(renewable.certificate_file) in str(lines) or str(renewable.key_file) in str(lines)
    assert shown_name(server, certificates["first"]) == "first"
    certificates["second"].copy_over(renewable)
    renewable.certificate_file.chmod(0o644)
    renewable.key_file.chmod(0o600)
    server.reload()
    assert shown_name(server, certificates["second"]) == "second"


def test_a_renewed_key_with_a_passphrase_is_refused_without_asking(binary, renewable, tmp_path):
    """On a terminal, where OpenSSL would ask for it and everything else would wait."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(binary, [str(word) for word in [binary, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0",
                                                 *tls_arguments(renewable)]])
    try:
        read_until(terminal, b"serving")
        subprocess.run(["openssl", "ec", "-in", renewable.key_file, "-out", tmp_path / "closed", "-aes256", "-passout", "pass:secret"],
                       check=True, capture_output=True)
        renewable.key_file.write_bytes((tmp_path / "closed").read_bytes())
        os.kill(child, signal.SIGHUP)
        assert b"without a passphrase" in read_until(terminal, b"reloaded\x1b[", b"reloaded\r\n")
    finally:
        os.kill(child, signal.SIGTERM)
        with contextlib.suppress(OSError):  # the terminal's end, when the server has gone
            while select.select([terminal], [], [], 10)[0]:
                os.read(terminal, 4096)
            os.kill(child, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def read_until(terminal, *marks):
    text = b""
    while not any(mark in text for mark in marks):
        assert select.select([terminal], [], [], 10)[0], text
        text += os.read(terminal, 4096)
    return text


def test_a_renewal_in_other_files_is_found_through_the_configuration(start_server, certificates, tmp_path):
    first, second = certificates["first"], certificates["second"]
    config = tmp_path / "lodestone.toml"

    def write(certificate):
        config.write_text(f'[tls]\nlisten = ["127.0.0.1:0"]\ncertificate_file = "{certificate.certificate_file}"\n'
                          f'key_file = "{certificate.key_file}"\n')
    write(first)
    server = start_server("--config", config)
    assert shown_name(server, first, second) == "first"
    write(second)
    server.reload()
    assert shown_name(server, first, second) == "second"


def test_tls_clients_that_say_nothing_are_not_waited_for_when_it_stops(start_server, certificates):
    server = start_server(*tls_arguments(certificates["first"], "--set", "server.stop_timeout=300ms"))
    with Connection("127.0.0.1", tls_port(server)) as silent, connect_tls(server, certificates["first"]) as idle:
        assert idle.request("GET", "/health").status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
        with pytest.raises((Closed, ConnectionResetError)):
            silent.read_exactly(1)


def read_strictly(server, certificate, request):
    """Everything until the end; an end that was not announced, as after cutting the line, is an SSLEOFError."""
    with connect_strictly(server, certificate) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def connect_strictly(server, certificate):
    plain = socket.create_connection(("127.0.0.1", tls_port(server)), timeout=10)
    return certificate.client_context().wrap_socket(plain, server_hostname="localhost", suppress_ragged_eofs=False)


@pytest.mark.parametrize("request_text", [
    b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET /health HTTP/1.0\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\nGET /more HTTP/1.1\r\n",
    b"nonsense\r\n\r\n"], ids=["close", "1.0", "unread input", "refused"])
def test_the_end_is_announced(secure, certificates, request_text):
    assert read_strictly(secure, certificates["first"], request_text).startswith(b"HTTP/1.1 ")


def test_the_end_of_waiting_is_announced(start_server, certificates):
    server = start_server(*tls_arguments(certificates["first"], "--set", "server.idle_timeout=3s"))
    assert read_strictly(server, certificates["first"], b"") == b""
    answered = read_strictly(server, certificates["first"], b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answered.count(b"HTTP/1.1 200") == 1
    with connect_strictly(server, certificates["first"]) as idle:
        server.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b""


def test_what_is_left_behind_a_refused_head_costs_nothing(binary, certificates):
    with Server(binary, tls_arguments(certificates["first"], "--threads", "1")) as server:
        with connect_tls(server, certificates["first"]) as connection:
            # In records of their own: the last ones are decrypted when the head is already too large.
            for piece in (b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: ", b"a" * 16384, b"a" * 16384, b"a" * 100):
                connection.send(piece)
            assert connection.read_response().status == 431
            used = cpu_seconds(server.pid)
            with server.connect() as silent, pytest.raises(TimeoutError):
                silent.socket.settimeout(1.0)
                silent.read_exactly(1)
            assert cpu_seconds(server.pid) - used < 0.3
            wait_until(lambda: open_connections(server) == 1)  # although this client never says goodbye


def open_connections(server):
    """The one that asks among them."""
    with server.connect() as witness:
        return read_metrics(witness)["lodestone_connections_open"]
