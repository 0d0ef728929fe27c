"""wget, which unlike curl speaks in its own way of ranges and times: download, resume, and what did not change."""
import pytest


@pytest.fixture
def wget(client):
    def run(*arguments):
        return client("wget", "--no-config", "--no-proxy", "--no-verbose", "--tries=1", "--timeout=20", *arguments)

    return run


def test_download_and_resume(wget, plain, script, tmp_path):
    address, file = f"http://127.0.0.1:{plain.port}{script}", tmp_path / "main.js"
    done = wget("--output-document", file, address)
    assert done.returncode == 0, done.stderr.decode()
    whole = file.read_bytes()
    assert whole == plain.request("GET", script).body

    file.write_bytes(whole[:1000])
    done = wget("--continue", "--output-document", file, address)
    assert done.returncode == 0, done.stderr.decode()
    assert file.read_bytes() == whole


def test_a_refusal_has_its_exit_code(wget, plain):
    server_answered_an_error = 8
    assert wget("--output-document=-", f"http://127.0.0.1:{plain.port}/nowhere").returncode == server_answered_an_error


def test_tls(wget, secure, certificate):
    done = wget("--output-document=-", f"--ca-certificate={certificate.certificate_file}", f"https://localhost:{secure}/ready")
    assert done.returncode == 0 and b"checks" in done.stdout, done.stderr.decode()
