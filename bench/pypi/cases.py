"""What is measured: each case runs its rounds, ours and the peers' in turn, and answers rows of the table."""
import json

from gets import Asked, Visitor
from package_cases import (TINY_BYTES, PackageBench, check_index, measure_beside_nginx, measure_memory, measure_publishes, measure_versions, name_of,
                           publish_numbers, version_name)
from publishes import publish_together, render_request
from report import Row
from servers import PypiLodestone, PypiServer
from wheels import BOUNDARY, describe, pack_wheel, wheel_name, write_form
from words import write_text

COUNTS = (5, 100, 2000)
JSON = {"Accept": "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01", "Accept-Encoding": "gzip"}
HTML = {"Accept": "text/html", "Accept-Encoding": "gzip"}
WHEELS = {"50 KB": 100_000, "5 MB": 10_000_000}  # the size of what is packed


class Pypi:
    """What packages are here, for the cases that other formats have, too."""
    peer_name, one_more, index = "pypiserver", "file", "page"
    index_headers = {"Accept": JSON["Accept"]}

    def make_ours(self, bench: PackageBench, name: str = "ours") -> PypiLodestone:
        return PypiLodestone(bench.build / "lodestone", bench.folder / name)

    def make_peer(self, bench: PackageBench) -> PypiServer:
        return PypiServer(bench.folder / "peer")

    def render_publication(self, server, name: str, number: int, source: bytes) -> bytes:
        fields = describe(name, version_name(number))
        body = write_form(fields, pack_wheel(fields, source))
        return render_request(server, "POST", server.upload_target, f"multipart/form-data; boundary={BOUNDARY}", body)

    def find_index(self, server, name: str) -> str:
        return server.place(name)

    def list_versions(self, index: bytes) -> list[str]:
        """A file for each; the peer knows HTML alone."""
        return json.loads(index)["files"] if index.startswith(b"{") else index.split(b"<a ")[1:]


KIND = Pypi()


def measure_pages(bench: PackageBench) -> list[Row]:
    """As pip asks for them, packed: from a public repository, beside nginx, which asks nobody who they are."""
    rows = []
    counts = sorted({min(count, bench.versions) for count in COUNTS})
    peer = KIND.make_peer(bench)
    for number, count in enumerate(counts):
        store_wheels(peer, name_of(number), count)
    with KIND.make_ours(bench) as ours, peer:
        ours.furnish()
        for number, count in enumerate(counts):
            name, target = name_of(number), ours.place(name_of(number))
            publish_numbers(KIND, ours, [name], range(count))
            for server in (ours, peer):
                check_index(KIND, server, name, count)
            rows += measure_beside_nginx(bench, Asked(Visitor(ours), target, JSON), None, f"page of {count} files, JSON", (0.8, None))
            rows += measure_beside_nginx(bench, Asked(Visitor(ours), target, HTML), Asked(peer, peer.place(name), HTML), f"page of {count} files, HTML",
                                         (0.8, None))
    return rows


def store_wheels(peer: PypiServer, name: str, count: int):
    """In its folder, before it looks there."""
    for number in range(count):
        fields = describe(name, version_name(number))
        (peer.files / wheel_name(name, version_name(number))).write_bytes(pack_wheel(fields, write_text(TINY_BYTES)))


def measure_wheels(bench: PackageBench) -> list[Row]:
    rows = []
    with KIND.make_ours(bench) as ours, KIND.make_peer(bench) as peer:
        ours.furnish()
        for number, (size, source_bytes) in enumerate(WHEELS.items()):
            name, source = name_of(number), write_text(source_bytes)
            for server in (ours, peer):
                publish_together(server, [KIND.render_publication(server, name, 0, source)], 1)
            rows += measure_beside_nginx(bench, Asked(Visitor(ours), ours.find_wheel(name, version_name(0))),
                                         Asked(peer, peer.find_wheel(name, version_name(0))), f"wheel of {size}", (0.95, None))
    return rows


CASES = {"pages": measure_pages, "wheels": measure_wheels, "publishes": lambda bench: measure_publishes(bench, KIND),
         "versions": lambda bench: measure_versions(bench, KIND), "memory": lambda bench: measure_memory(bench, KIND)}
