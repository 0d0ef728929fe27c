"""An OTLP collector inside the test, which keeps what it is sent."""
from support.local_server import LocalServer, Pages


class CollectorPages(Pages):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.server.owner.bodies.append(self.read_body())
        self.reply(200)


class Collector(LocalServer):
    pages = CollectorPages

    def __init__(self):
        self.bodies = []
