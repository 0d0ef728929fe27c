"""The parser's corpus sent to a live server: each malformed request gets the status that its file is named for and
loses its connection, each sound one is understood."""
from pathlib import Path

import pytest

CORPUS = Path(__file__).resolve().parents[2] / "src/http/message/testdata/request_head"
# Sound heads whose path the router then refuses: 400 all the same, but the connection goes on.
PATH_REFUSED = {"target-double-slash", "target-percent-lone"}
NOT_UNDERSTOOD = {400, 414, 417, 431, 501, 505}


def files_of(folder):
    return sorted((CORPUS / folder).iterdir())


def name_of(path):
    return path.stem


@pytest.mark.parametrize("path", files_of("reject"), ids=name_of)
def test_refuses(steady, path):
    with steady.connect() as connection:
        connection.send(path.read_bytes())
        answer = connection.read_response()
        assert answer.status == int(path.name[:3]), answer
        assert answer.header("Connection") == "close"
        connection.expect_close()


@pytest.mark.parametrize("path", files_of("accept"), ids=name_of)
def test_understands(steady, path):
    request = path.read_bytes()
    with steady.connect() as connection:
        connection.send(request)
        answer = connection.read_response(request.split()[0].decode())
        if answer.status == 100:
            answer = connection.read_response()
        if path.stem in PATH_REFUSED:
            assert (answer.status, connection.request("GET", "/health").status) == (400, 200)
        else:
            assert answer.status not in NOT_UNDERSTOOD and answer.status < 500, answer


def test_is_large_enough():
    assert len(files_of("reject")) + len(files_of("accept")) >= 300


def test_is_well_after_it_all(steady):
    for path in files_of("reject"):
        with steady.connect() as connection:
            connection.send(path.read_bytes())
    assert steady.request("GET", "/ready").status == 200
