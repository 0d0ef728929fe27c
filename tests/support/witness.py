"""Watches for secrets: knows each that a test used, keeps everything that the program wrote, and finds the one in the
other, also encoded in the ways that a log or an error might."""
import base64
import re
import urllib.parse

SHORTEST = 12  # what is shorter, as a code of six digits, is found as a word of its own only


def base64_forms(data: bytes):
    """How it looks inside of something longer that was encoded as base64, wherever it begins there."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
        # The first characters depend on what stands before it, the last on what follows.
        inner = encoded[-(-offset * 4 // 3):-1]
        yield inner
        yield inner.translate(str.maketrans("+/", "-_"))


def forms_of(secret: str) -> set[str]:
    """The text itself and its obvious encodings."""
    data = secret.encode()
    forms = {secret, secret[::-1], data.hex(), data.hex().upper(), urllib.parse.quote(secret), urllib.parse.quote_plus(secret),
             "".join(f"%{byte:02X}" for byte in data), "".join(f"\\u{byte:04x}" for byte in data), secret.replace("/", "\\/"), *base64_forms(data)}
    if re.fullmatch(r"[A-Z2-7]{32}", secret):  # base32: also the bytes that it stands for
        forms |= forms_of_bytes(base64.b32decode(secret + "=" * (-len(secret) % 8)))
    return {form for form in forms if len(form) >= SHORTEST}


def forms_of_bytes(data: bytes) -> set[str]:
    return {data.hex(), data.hex().upper(), *base64_forms(data)}


def secret_part(token: str) -> str:
    """Of one of our tokens what only its holder knows: the id before it stands in lists and in the audit log."""
    match = re.fullmatch(r"(?:ls[a-z]|hf)_(?:live_|test_)?[0-9A-Za-z]{16}([0-9A-Za-z]{32})[0-9A-Za-z]{6}", token)
    return match[1] if match else token


class Witness:
    def __init__(self):
        self.secrets = {}  # by what they are
        self.kept = set()  # the secret, and where it has to be kept as it is
        self.writings = []  # where it was, and what it was

    def know(self, name: str, secret: str, kept_in=()) -> str:
        assert len(secret) >= 6, f"{name} is too short to be looked for"
        self.secrets.setdefault(secret_part(secret), name)
        self.kept |= {(secret_part(secret), where) for where in kept_in}
        return secret

    def keep(self, where: str, text):
        self.writings.append((where, text.decode("latin-1") if isinstance(text, bytes) else text))

    def keep_but(self, where: str, text: str, *shown: str):
        """An answer that shows these once, and must not show them twice."""
        for secret in shown:
            assert secret in text, f"{where} does not show what it should"
            text = text.replace(secret, "", 1)
        self.keep(where, text)

    def find_leaks(self) -> list[str]:
        leaks = []
        for secret, name in self.secrets.items():
            patterns = [re.compile(re.escape(form), re.IGNORECASE if form == secret else 0) for form in forms_of(secret)]
            if len(secret) < SHORTEST:
                patterns = [re.compile(rf"(?<![0-9A-Za-z.]){re.escape(secret)}(?![0-9A-Za-z])")]
            for where, text in [writing for writing in self.writings if (secret, writing[0]) not in self.kept]:
                if match := next(filter(None, (pattern.search(text) for pattern in patterns)), None):
                    leaks.append(f"{name} is in {where}: …{text[max(0, match.start() - 80):match.end() + 20]}…")
        return leaks
