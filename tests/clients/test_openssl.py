"""`openssl s_client`: which versions of TLS are spoken, and that a connection ends with a goodbye instead of a cut."""
import pytest

REQUEST = b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def connect(client, port, certificate, *options):
    return client("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-verify_hostname", "localhost",
                  "-CAfile", certificate.certificate_file, "-verify_return_error", "-ign_eof", *options, stdin=REQUEST)


@pytest.mark.parametrize("version,name", [("-tls1_2", b"TLSv1.2"), ("-tls1_3", b"TLSv1.3")])
def test_version_is_spoken_and_ends_with_close_notify(client, secure, certificate, version, name):
    done = connect(client, secure, certificate, version)
    assert b"HTTP/1.1 200 OK" in done.stdout, done.stderr.decode()
    assert b"New, " + name in done.stdout and b"Verify return code: 0 (ok)" in done.stdout
    # Without the server's close_notify it says "unexpected eof while reading" and ends with 1.
    assert b"unexpected eof" not in done.stderr and done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(client, secure, certificate, version):
    # The client's own security level would refuse them first.
    done = connect(client, secure, certificate, version, "-cipher", "ALL:@SECLEVEL=0")
    assert done.returncode != 0 and b"alert protocol version" in done.stderr, done.stderr.decode()
