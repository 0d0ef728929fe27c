"""Rules about #include: dependencies point down the floors, and inside a floor from room to room one way, in no circle;
only src/http sees sockets."""
import posixpath

from tidy.ratchet import LIST, Excess, check_ratchet
from tidy.rules import rule

FLOORS = {"base": 0, "http": 1, "db": 1, "cache": 1, "blobs": 2, "ledger": 2, "jobs": 2, "identity": 3, "packages": 4,
          "graph": 5, "templates": 6, "trust": 6, "services": 6, "formats": 7, "api": 7, "web": 7, "app": 8}
# The rooms of a large folder, in the order in which they stand on each other; equal numbers do not know each other.
ROOMS = {"http": {"message": 0, "wire": 1, "server": 2, "client": 2},
         "app": {"terminal": 0, "config": 1, "serving": 2, "commands": 3},
         # Files of src/blobs itself are the rows, and what puts rows and bytes together.
         "blobs": {"store": 0, "": 1},
         "packages": {"archive": 0, "advisories": 0, "": 1},
         # Files of src/identity itself (room "") put the rooms together.
         "identity": {"secrets": 0, "rules": 0, "nouns": 1, "sign_in": 2, "gate": 3, "federation": 4, "": 5}}
GENERATED = {"build_info.hpp"}  # made by the build, beside no source
SOCKET_HEADERS = ("boost/asio/ip/", "boost/asio/local/", "boost/asio/ssl", "sys/socket.h", "sys/un.h", "netinet/", "arpa/inet.h", "netdb.h")


def folder_of(path: str) -> str:
    """src/formats/npm/npm.cpp stands in formats; src/main.cpp in nothing."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def room_of(path: str) -> str:
    """wire for src/http/wire/stream.cpp, nothing for a folder that has no rooms."""
    parts = path.split("/")
    return parts[2] if folder_of(path) in ROOMS and len(parts) > 3 else ""


def format_of(path: str) -> str:
    """npm for src/formats/npm/npm.cpp, nothing for what all formats share."""
    parts = path.split("/")
    return parts[2] if parts[1] == "formats" and len(parts) > 3 else ""


@rule(catches=[{"src/base/x.cpp": '#include "http/server/router.hpp"\n'},
               {"src/cache/x.cpp": '#include "http/client/client.hpp"\n'},
               {"src/attic/x.cpp": "\n"},
               {"src/http/x.cpp": '#include "router.hpp"\n'},
               {"src/main.cpp": '#include "http/server/router.hpp"\n'}],
      allows=[{"src/http/x.cpp": '#include "base/hex.hpp"\n// #include "app/config/config.hpp"\n'},
              {"src/app/x_test.cpp": '#include "support/app.hpp"\n', "tests/support/app.hpp": "\n"},
              {"src/main.cpp": '#include "app/commands/commands.hpp"\n'}])
def includes_point_down(tree):
    for source in tree.of_kind("cpp", under="src/"):
        folder = folder_of(source.path)
        if folder and folder not in FLOORS:
            yield source.fault(1, f"the folder {folder} stands on no floor; give it one in tests/tidy/floors.py and ARCHITECTURE.md")
            continue
        for line, included, is_ours in source.includes:
            if not is_ours or included in GENERATED or (source.is_test and tree.find(f"tests/{included}")):
                continue
            target = included.split("/")[0]
            if target not in FLOORS:
                yield source.fault(line, f'"{included}" is banned, use the path from src/ ("http/server/router.hpp"), or <> for a library')
            elif not folder and target != "app":
                yield source.fault(line, f'"{included}" is banned in {source.name}, which is only a door: include app/')
            elif folder and target != folder and FLOORS[target] >= FLOORS[folder]:
                yield source.fault(line, f'"{included}" is banned: {target} (floor {FLOORS[target]}) is not below {folder} (floor {FLOORS[folder]})')


@rule(catches=[{"src/http/message/x.cpp": '#include "http/wire/stream.hpp"\n'}, {"src/http/server/x.cpp": '#include "http/client/client.hpp"\n'},
               {"src/http/wire/x_test.cpp": '#include "http/server/server.hpp"\n'}, {"src/http/x.cpp": "\n"}, {"src/http/attic/x.cpp": "\n"}],
      allows=[{"src/http/client/x.cpp": '#include "http/client/client.hpp"\n#include "http/wire/stream.hpp"\n#include "http/message/url.hpp"\n'},
              {"src/web/x.cpp": '#include "http/server/assets.hpp"\n'}])
def rooms_stand_on_each_other(tree):
    for source in tree.of_kind("cpp", under="src/"):
        folder, room = folder_of(source.path), room_of(source.path)
        rooms = ROOMS.get(folder, {})
        if rooms and room not in rooms:
            yield source.fault(1, f"this file stands in none of the rooms of src/{folder} ({', '.join(rooms)}); a new room goes into tests/tidy/floors.py and ARCHITECTURE.md")
            continue
        for line, included, _ in source.includes:
            target = room_of("src/" + included)
            if folder_of("src/" + included) == folder and target in rooms and target != room and rooms[target] >= rooms[room]:
                yield source.fault(line, f'"{included}" is banned: {folder}/{target} is not below {folder}/{room}')


@rule(catches=[{"src/formats/npm/npm.cpp": '#include "formats/pypi/pypi.hpp"\n'}, {"src/api/x.cpp": '#include "formats/npm/npm.hpp"\n'}],
      allows=[{"src/formats/npm/npm.cpp": '#include "formats/npm/manifest.hpp"\n'}, {"src/app/x.cpp": '#include "formats/npm/npm.hpp"\n'}])
def formats_know_no_other_format(tree):
    for source in tree.of_kind("cpp", under="src/"):
        for line, included, _ in source.includes:
            other = format_of("src/" + included)
            if other and folder_of(source.path) != "app" and other != format_of(source.path):
                yield source.fault(line, f'"{included}" is banned: only app/ knows which formats exist')


@rule(catches={"src/base/a.hpp": '#include "base/b.hpp"\n', "src/base/b.hpp": '#include "base/c.hpp"\n', "src/base/c.hpp": '#include "base/a.hpp"\n'},
      allows=[{"src/base/a.hpp": '#include "base/b.hpp"\n', "src/base/b.hpp": '#include "base/c.hpp"\n', "src/base/c.hpp": "\n"}])
def includes_form_no_circle(tree):
    graph = {source.path: [(line, "src/" + included) for line, included, is_ours in source.includes if is_ours]
             for source in tree.of_kind("cpp", under="src/")}
    finished = set()

    def visit(path, trail):
        for line, target in graph.get(path, []):
            if target in trail:
                circle = [*trail[trail.index(target):], target]
                yield tree.find(path).fault(line, "circle of includes: " + " -> ".join(posixpath.relpath(one, "src") for one in circle))
            elif target not in finished:
                yield from visit(target, [*trail, target])
        finished.add(path)

    for path in graph:
        if path not in finished:
            yield from visit(path, [path])


@rule(catches=[{"src/http/x.cpp": "#include <boost/asio.hpp>\n"}, {"src/http/x.cpp": "#include <boost/beast/core.hpp>\n"},
               {"tests/support/x.hpp": "#include <boost/beast.hpp>\n"}],
      allows=[{"fuzz/x_fuzz.cpp": "#include <boost/beast/http/parser.hpp>\n"},
              {"src/http/x.cpp": "#include <boost/asio/ip/tcp.hpp>\n"}, {"src/base/x.hpp": "#include <boost/asio/awaitable.hpp>\n"}])
def asio_is_included_in_parts(tree):
    for source in tree.of_kind("cpp"):
        for line, included, _ in source.includes:
            # A fuzz harness may ask a second implementation for its opinion.
            if included.startswith("boost/beast") and not source.path.startswith("fuzz/"):
                yield source.fault(line, f"<{included}> is banned, use http/ (docs/adr says why Beast is not used)")
            elif included == "boost/asio.hpp":
                yield source.fault(line, f"<{included}> is banned, use the single Asio headers: it costs seconds in every file")


@rule(catches=[{"src/app/x.cpp": "#include <boost/asio/ip/tcp.hpp>\n"}, {"src/base/x.hpp": "#include <sys/socket.h>\n"},
               {LIST: "sockets src/base/x.hpp 1 gone\n"}],
      allows=[{"src/http/x.cpp": "#include <boost/asio/ip/tcp.hpp>\n#include <sys/socket.h>\n"}, {"src/base/x_test.cpp": "#include <sys/socket.h>\n"},
              {"src/base/x.cpp": "#include <sys/un.h>\n", LIST: "sockets src/base/x.cpp 1 for systemd\n"}])
def only_http_sees_sockets(tree):
    excesses = []
    for source in tree.of_kind("cpp", under="src/"):
        found = [(line, included) for line, included, _ in source.includes if included.startswith(SOCKET_HEADERS)]
        if found and folder_of(source.path) != "http" and not source.is_test:
            line, included = found[0]
            excesses.append(Excess(source.path, len(found), source.fault(line, f"<{included}> is banned outside src/http, use http/'s client, stream or network")))
    yield from check_ratchet(tree, "sockets", excesses)


@rule(catches={"src/base/x.hpp": "#include <fmt/format.h>\n"}, allows=[{"src/base/x.cpp": "#include <fmt/format.h>\n"}])
def fmt_stays_out_of_headers(tree):
    for source in tree.of_kind("cpp"):
        for line, included, _ in source.includes:
            if source.path.endswith(".hpp") and included.startswith("fmt/"):
                yield source.fault(line, f"<{included}> is banned in headers, use it in the .cpp: every file that includes this one would pay")
