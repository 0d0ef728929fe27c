"""A witness that sees nothing would pass for a program that keeps its secrets."""
import base64
import json
import urllib.parse

import pytest
from support.witness import Witness, secret_part

PASSWORD = "tall green/mug + 7"
TOKEN = "lsk_live_" + "0123456789abcdef" + "SECRETsecretSECRETsecretSECRET12" + "sum123"


@pytest.mark.parametrize("writing", [
    PASSWORD, PASSWORD.upper(), f'{{"password":{json.dumps(PASSWORD)}}}', json.dumps(PASSWORD).replace("/", "\\/"), urllib.parse.quote(PASSWORD),
    urllib.parse.quote_plus(PASSWORD), PASSWORD.encode().hex(), PASSWORD.encode().hex().upper(),
    *(base64.b64encode(before.encode() + PASSWORD.encode() + after).decode() for before in ("", "a", "ab", "alice:") for after in (b"", b"z", b"zz")),
    base64.urlsafe_b64encode(b"??>" + PASSWORD.encode()).decode()])
def test_it_finds_a_secret_in_every_dress(writing):
    witness = Witness()
    witness.know("the password", PASSWORD)
    witness.keep("the log", f"before {writing} after")
    assert [leak.partition(":")[0] for leak in witness.find_leaks()] == ["the password is in the log"]


def test_of_a_token_only_the_secret_is_secret():
    witness = Witness()
    assert secret_part(witness.know("a key", TOKEN)) == "SECRETsecretSECRETsecretSECRET12"
    witness.keep("the log", '{"key":"0123456789abcdef"}')
    assert witness.find_leaks() == []
    witness.keep("the log", TOKEN)
    assert len(witness.find_leaks()) == 1


def test_a_code_is_a_word():
    witness = Witness()
    witness.know("a code", "123456")
    witness.keep("the log", '{"time":"2027-01-15T08:00:00.123456Z","size":91234567,"id":"ab123456"}')
    assert witness.find_leaks() == []
    witness.keep("an error", 'the code "123456" is wrong')
    assert len(witness.find_leaks()) == 1


def test_what_is_shown_once_is_not_shown_twice():
    witness = Witness()
    witness.know("the password", PASSWORD)
    witness.keep_but("an answer", f"the password is {PASSWORD}", PASSWORD)
    assert witness.find_leaks() == []
    witness.keep_but("an answer", f"{PASSWORD}, really: {PASSWORD}", PASSWORD)
    assert len(witness.find_leaks()) == 1


def test_a_secret_of_bytes_is_found_by_its_base32():
    witness = Witness()
    witness.know("the second factor", base64.b32encode(b"twenty bytes exactly").decode())
    witness.keep("the database", base64.b64encode(b"twenty bytes exactly"))
    assert len(witness.find_leaks()) == 1
