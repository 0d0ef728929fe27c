"""Images as the clients of a registry push and pull them, one request after the other: with a key that is shown each time, or with
tokens that are traded for it where the registry says so."""
import base64
import hashlib
import json
import re
from urllib.parse import urlencode, urlsplit

from support.process import wait_until

IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
OCTETS = "application/octet-stream"
CHUNK_BYTES = 1024
WITH_BODY = ("POST", "PUT", "PATCH")


def digest_of(content: bytes, algorithm="sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def describe(media_type, content: bytes, algorithm="sha256", **more) -> dict:
    """How a manifest names this."""
    return {"mediaType": media_type, "digest": digest_of(content, algorithm), "size": len(content), **more}


def encode(document) -> bytes:
    return json.dumps(document).encode()


def refusal(answer) -> str:
    """As "404 BLOB_UNKNOWN"."""
    [error] = json.loads(answer.body)["errors"]
    assert error["message"], answer.body
    return f"{answer.status} {error['code']}"


def all_of(answer, name) -> list[str]:
    return [value for key, value in answer.headers if key.lower() == name.lower()]


class Client:
    """Whoever has this key; None is nobody. `by_token`: as container clients do, who show the key only to whom they are sent for a token,
    and keep that for each image and for what they do with it."""

    def __init__(self, server, key, by_token=False):
        self.server, self.by_token, self.tokens = server, by_token, {}
        self.basic = {"Authorization": "Basic " + base64.b64encode(f"user:{key}".encode()).decode()} if key else {}

    def ask(self, method, target, body=b"", **headers):
        """`headers` by their names with _ for -."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if method in WITH_BODY:
            fields["Content-Length"] = str(len(body))
        answer = self.server.request(method, target, {**fields, **self.authorize(method, target)}, body)
        if self.by_token and answer.status == 401:
            self.tokens[self.purpose(method, target)] = self.trade(answer)
            answer = self.server.request(method, target, {**fields, **self.authorize(method, target)}, body)
        return answer

    def stream(self, method, target, *pieces: bytes, **headers):
        """With a body that does not say how long it is."""
        fields = {"Host": "localhost", "Transfer-Encoding": "chunked", "Content-Type": OCTETS, **self.authorize(method, target),
                  **{name.replace("_", "-"): value for name, value in headers.items()}}
        head = f"{method} {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        with self.server.connect() as connection:
            connection.send(head + "\r\n")
            for piece in (*pieces, b""):
                connection.send(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            return connection.read_response(method)

    def authorize(self, method, target) -> dict[str, str]:
        if not self.by_token:
            return self.basic
        purpose = self.purpose(method, target)
        if purpose not in self.tokens:  # nobody reads the body of a request that is refused, so it has none
            self.tokens[purpose] = self.trade(self.server.request(method, target, {"Content-Length": "0"}))
        return self.tokens[purpose]

    def purpose(self, method, target):
        image = re.match(r"/v2/(.*)/(?:blobs|manifests|tags|referrers)/", target)
        return image and image[1], "push" if method in WITH_BODY else "delete" if method == "DELETE" else "pull"

    def trade(self, refused) -> dict[str, str]:
        """The token that a refusal asks for."""
        assert refused.status == 401, refused.body
        parts = dict(re.findall(r'(\w+)="([^"]*)"', refused.header("WWW-Authenticate")))
        return self.fetch_token(urlsplit(parts["realm"]).path, service=parts["service"], **({"scope": parts["scope"]} if "scope" in parts else {}))

    def fetch_token(self, path="/v2/token", **asked) -> dict[str, str]:
        given = self.server.request("GET", f"{path}?{urlencode(asked)}", self.basic)
        assert given.status == 200, given.body
        return {"Authorization": f"Bearer {json.loads(given.body)['token']}"}


class Image:
    """TENANT/REPOSITORY/NAME, for this client."""

    def __init__(self, client, name):
        self.client, self.name = client, name

    def at(self, what) -> str:
        return f"/v2/{self.name}/{what}"

    def ask(self, method, what, body=b"", **headers):
        return self.client.ask(method, self.at(what), body, **headers)

    def begin(self, query="") -> str:
        """The location of a new upload."""
        begun = self.ask("POST", f"blobs/uploads/{query}")
        assert (begun.status, begun.header("Range")) == (202, "0-0"), begun.body
        return begun.header("Location")

    def send(self, location, part, first=None):
        """The next bytes of an upload; `first` is where they belong."""
        return self.client.ask("PATCH", location, part, Content_Type=OCTETS, **render_range(part, first))

    def finish(self, location, digest, part=b"", first=None):
        return self.client.ask("PUT", f"{location}?digest={digest}", part, Content_Type=OCTETS, **render_range(part, first))

    def progress(self, location) -> str:
        told = self.client.ask("GET", location)
        assert told.status == 204, told.body
        return told.header("Range")

    def push_blob(self, content, algorithm="sha256") -> str:
        digest = digest_of(content, algorithm)
        assert push_whole(self, content, digest).status == 201
        return digest

    def push_manifest(self, reference, content, media_type=IMAGE):
        return self.ask("PUT", f"manifests/{reference}", content, Content_Type=media_type)

    def status(self, what) -> int:
        return self.ask("HEAD", what).status


def once_let_go(ask):
    """Who breaks off, or is refused while bytes come, has held the upload until then, and lets it go a moment later."""
    return wait_until(lambda: (answer := ask()).status != 409 and answer)


def render_range(part, first) -> dict[str, str]:
    return {} if first is None else {"Content_Range": f"{first}-{first + len(part) - 1}"}


# The ways of pushing a blob; each answers what its last request was answered.
def push_whole(image, content, digest):
    return image.ask("POST", f"blobs/uploads/?digest={digest}", content, Content_Type=OCTETS)


def push_in_two(image, content, digest):
    return image.finish(image.begin(), digest, content)


def push_streamed(image, content, digest):
    sent = image.client.stream("PATCH", image.begin(), content[:700], content[700:])
    assert (sent.status, sent.header("Range")) == (202, f"0-{len(content) - 1}"), sent.body
    return image.finish(sent.header("Location"), digest)


def push_in_chunks(image, content, digest, size=CHUNK_BYTES, is_last_put=False, goes_astray=False):
    """`is_last_put`: the request that finishes it brings the last chunk; `goes_astray`: before each chunk comes another one, which does not
    belong there."""
    location = image.begin()
    for first in range(0, len(content), size):
        part = content[first:first + size]
        is_last = first + len(part) == len(content)
        if goes_astray:
            stray = first + size if first + size < len(content) else 0
            location = go_astray(image, location, content[stray:stray + size], stray, first,
                                 digest if is_last_put and stray + size >= len(content) else None)
        if is_last and is_last_put:
            return image.finish(location, digest, part, first)
        sent = image.send(location, part, first)
        assert (sent.status, sent.header("Range")) == (202, f"0-{first + len(part) - 1}"), sent.body
        location = sent.header("Location")
    return image.finish(location, digest)


def go_astray(image, location, part, first, size, digest) -> str:
    """Of an upload that has this size so far; answers where it goes on."""
    refused = image.finish(location, digest, part, first) if digest else image.send(location, part, first)
    assert refusal(refused) == "416 BLOB_UPLOAD_INVALID"
    assert image.progress(refused.header("Location")) == f"0-{max(size - 1, 0)}"
    return refused.header("Location")
