"""A small OpenID provider inside the test, which also signs what a forge says of its pipelines: discovery, keys, and the
token endpoint. The person at the browser is the test, or `person`, who agrees to everything. support/openid_provider.hpp is the same for the C++ tests."""
import base64
import json
import secrets
import subprocess
import time
import urllib.parse
from pathlib import Path

from support.certificates import Certificate
from support.local_server import LocalServer, Pages


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class SigningKey:
    """RS256, by the openssl program."""

    def __init__(self, folder: Path):
        self.file = folder / "signing.key"
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self.file],
                       check=True, capture_output=True)
        shown = subprocess.run(["openssl", "rsa", "-in", self.file, "-noout", "-modulus"], check=True, capture_output=True, text=True)
        self.modulus = bytes.fromhex(shown.stdout.strip().partition("=")[2])

    def key_set(self) -> dict:
        return {"keys": [{"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256", "n": base64url(self.modulus), "e": "AQAB"}]}

    def sign(self, claims: dict) -> str:
        head = base64url(json.dumps({"alg": "RS256", "typ": "JWT", "kid": "one"}).encode())
        text = f"{head}.{base64url(json.dumps(claims).encode())}"
        done = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.file], input=text.encode(), check=True, capture_output=True)
        return f"{text}.{base64url(done.stdout)}"


class ProviderPages(Pages):
    def do_GET(self):
        provider = self.server.owner
        if self.path.startswith("/authorize?"):
            self.send_response(302)
            self.send_header("Location", provider.find_way_back(self.path))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        documents = {"/.well-known/openid-configuration": provider.discovery(), "/keys": provider.key.key_set()}
        document = documents.get(self.path)
        self.reply_json(200 if document else 404, document)

    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.read_body().decode()))
        self.reply_json(*self.server.owner.redeem(form, self.headers["Authorization"]))

    def reply_json(self, status, document):
        self.reply(status, json.dumps(document).encode())


class OpenIdProvider(LocalServer):
    """`with OpenIdProvider(folder) as provider:` serves at provider.issuer over TLS; the server under test is started
    with provider.settings, so that it trusts the certificate and may come here."""

    pages = ProviderPages

    def __init__(self, folder: Path):
        self.certificate = Certificate(folder, "provider")
        self.key = SigningKey(folder)
        self.granted = {}  # the token for each code
        self.forms = []  # what was sent to the token endpoint
        self.authorizations = []
        self.refusal = None  # the body of a 401, instead of a token
        self.person = {}  # the claims of whoever comes with a browser, and has signed in here before

    @property
    def issuer(self) -> str:
        return self.url

    @property
    def settings(self) -> dict[str, str]:
        return {"LODESTONE_EGRESS_CA_FILE": str(self.certificate.certificate_file), "LODESTONE_EGRESS_ALLOW_NETWORKS": "127.0.0.0/8"}

    def discovery(self) -> dict:
        return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token"}

    def sign(self, audience, **claims) -> str:
        now = int(time.time())
        return self.key.sign({"iss": self.issuer, "aud": audience, "iat": now, "exp": now + 300, **claims})

    def agree(self, departure: str, **claims) -> tuple[str, str]:
        """The person agrees to what the browser was sent to: the state and the code that it comes back with."""
        question = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(departure).query))
        code = secrets.token_urlsafe(24)
        self.granted[code] = self.sign(question["client_id"], nonce=question["nonce"], **claims)
        return question["state"], code

    def find_way_back(self, departure: str) -> str:
        """Where a browser that comes is sent at once."""
        state, code = self.agree(departure, **self.person)
        [address] = urllib.parse.parse_qs(urllib.parse.urlsplit(departure).query)["redirect_uri"]
        return f"{address}?{urllib.parse.urlencode({'state': state, 'code': code})}"

    def redeem(self, form: dict, authorization):
        self.forms.append(form)
        self.authorizations.append(authorization)
        if self.refusal is not None:
            return 401, {"error": "invalid_client", "error_description": self.refusal}
        token = self.granted.pop(form.get("code"), None)
        return (200, {"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "id_token": token}) if token \
            else (400, {"error": "invalid_grant", "error_description": f"no code {form.get('code')}"})
