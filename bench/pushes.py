"""Images and large bytes as clients push them: an upload is begun, sent as one stream, and finished with its digest. The
bytes come from memory by sendfile(2), so that a client costs less than the server that it measures."""
import hashlib
import json
import mmap
import os
import selectors
import socket
from urllib.parse import urlsplit

from registries import Client
from report import MIB

IMAGE = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
STREAM = "application/octet-stream"
WINDOW_BYTES = 4 * MIB  # nobody gets further ahead of the slowest than that
TURN_BYTES = MIB
PIECE_BYTES = 128 * 1024  # limits::body_piece_bytes
IDLE_LIMIT_S = 120


def digest_of(content) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Content:
    """Bytes that are another content each time that they are renewed: what a server has already it need not store."""

    def __init__(self, size_bytes: int):
        self.size_bytes = size_bytes
        self.file = os.fdopen(os.memfd_create("content"), "r+b", buffering=0)
        block = os.urandom(MIB)
        for _ in range(size_bytes // MIB):
            self.file.write(block)
        self.bytes = mmap.mmap(self.file.fileno(), size_bytes)
        self.digest = ""

    def __enter__(self) -> "Content":
        return self

    def __exit__(self, *_):
        self.bytes.close()
        self.file.close()

    def renew(self) -> "Content":
        self.bytes[:32] = os.urandom(32)
        self.digest = digest_of(self.bytes)
        return self

    @property
    def sha256(self) -> str:
        return self.digest.partition(":")[2]


def location_of(answer) -> str:
    """Its path: some write it with their host."""
    parts = urlsplit(answer.headers["Location"])
    return parts.path + (f"?{parts.query}" if parts.query else "")


def finish_url(location: str, digest: str) -> str:
    return f"{location}{'&' if '?' in location else '?'}digest={digest}"


def begin_stream(client: Client, method: str, target: str, size_bytes: int):
    client.begin(method, target, size_bytes, Content_Type=STREAM)
    # Some machines pace what they send (BBR), which would measure the client's clock; this one always exists.
    client.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"reno")


def send_content(client: Client, expected: int, method: str, target: str, content: Content):
    begin_stream(client, method, target, content.size_bytes)
    client.connection.sock.sendfile(content.file, 0, content.size_bytes)
    return client.finish(expected)


def push_blob(client: Client, place: str, content: Content):
    begun = client.ask(202, "POST", f"{place}/blobs/uploads/")
    sent = send_content(client, 202, "PATCH", location_of(begun), content)
    client.ask(201, "PUT", finish_url(location_of(sent), content.digest))


def push_bytes(client: Client, place: str, content: bytes) -> dict:
    """A small blob; answers how a manifest names it."""
    begun = client.ask(202, "POST", f"{place}/blobs/uploads/")
    client.ask(201, "PUT", finish_url(location_of(begun), digest_of(content)), content, Content_Type=STREAM)
    return {"digest": digest_of(content), "size": len(content)}


def push_manifest(client: Client, place: str, layer: dict, tag: str) -> str:
    """An image of this one layer; answers its digest."""
    config = push_bytes(client, place, json.dumps({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": []}}).encode())
    manifest = json.dumps({"schemaVersion": 2, "mediaType": IMAGE, "config": {"mediaType": CONFIG, **config},
                           "layers": [{"mediaType": LAYER, **layer}]}).encode()
    client.ask(201, "PUT", f"{place}/manifests/{tag}", manifest, Content_Type=IMAGE)
    return digest_of(manifest)


def push_together(peer, places: list[str], content: Content):
    """The same content to all of these at once and in step, so that every upload is under way until the end."""
    clients = [Client(peer) for _ in places]
    try:
        for client, place in zip(clients, places, strict=True):
            begin_stream(client, "PATCH", location_of(client.ask(202, "POST", f"{place}/blobs/uploads/")), content.size_bytes)
        send_in_step([client.connection.sock for client in clients], content)
        ends = [location_of(client.finish(202)) for client in clients]
        for client, end in zip(clients, ends, strict=True):
            client.ask(201, "PUT", finish_url(end, content.digest))
    finally:
        for client in clients:
            client.connection.close()


def send_in_step(sockets: list[socket.socket], content: Content):
    sent = dict.fromkeys(sockets, 0)
    with selectors.DefaultSelector() as selector:
        for one in sockets:
            selector.register(one, selectors.EVENT_WRITE)
        waiting = set()  # for the slowest, not for the socket
        while min(sent.values()) < content.size_bytes:
            ready = selector.select(IDLE_LIMIT_S)
            if not ready:
                raise RuntimeError("the server takes nothing any more")
            end = min(content.size_bytes, min(sent.values()) + WINDOW_BYTES)
            for key, _ in ready:
                one = key.fileobj
                if sent[one] < end:
                    sent[one] += send_some(one, content, sent[one], min(TURN_BYTES, end - sent[one]))
                else:
                    selector.unregister(one)
                    waiting.add(one)
            end = min(content.size_bytes, min(sent.values()) + WINDOW_BYTES)
            for one in [one for one in waiting if sent[one] < end]:
                waiting.remove(one)
                selector.register(one, selectors.EVENT_WRITE)


def send_some(one: socket.socket, content: Content, offset: int, count: int) -> int:
    """A socket with a timeout does not block the system call."""
    try:
        return os.sendfile(one.fileno(), content.file.fileno(), offset, count)
    except BlockingIOError:
        return 0


def store_alone(content: Content, folder: os.PathLike) -> None:
    """What no server can do without: hashed, written piece by piece as large as the server's, confirmed, named."""
    digest = hashlib.sha256()
    draft = os.path.join(folder, "draft")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with memoryview(content.bytes) as whole:
        for offset in range(0, content.size_bytes, PIECE_BYTES):
            with whole[offset:offset + PIECE_BYTES] as piece:
                digest.update(piece)
                if os.write(descriptor, piece) != len(piece):
                    raise RuntimeError("the disk took less than it was given")
    os.fdatasync(descriptor)
    os.close(descriptor)
    if digest.hexdigest() != content.sha256:
        raise RuntimeError("it is another content")
    os.rename(draft, os.path.join(folder, content.sha256))
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(opened)
    os.close(opened)
