"""A repository of generic files on a running server, with a key for it: to publish to and fetch from as curl would."""
import base64

from support.installation import Installation


def make_files_repository(where: Installation) -> str:
    """Once, in an installation that has begun; the key to it."""
    where.say("repository", "create", "files", "--app", "main", "--format", "generic")
    return where.say("key", "create", "--user", "admin", "--quiet").strip()


def target_of(file, version):
    return f"/generic/default/files/tool/{version}/{file}"


class Files:
    def __init__(self, server, key):
        self.server = server
        self.authorization = "Basic " + base64.b64encode(f"_:{key}".encode()).decode()

    def _ask(self, method, file, version, body=b""):
        fields = {"Authorization": self.authorization}
        if method == "PUT":
            fields["Content-Length"] = str(len(body))
        return self.server.request(method, target_of(file, version), fields, body)

    def ask_for(self, connection, file, version="1.0"):
        """On a connection whose answer is read bit by bit."""
        connection.send(f"GET {target_of(file, version)} HTTP/1.1\r\nHost: localhost\r\n"
                        f"Authorization: {self.authorization}\r\n\r\n")

    def put(self, file, body, version="1.0"):
        return self._ask("PUT", file, version, body)

    def fetch(self, file, version="1.0"):
        return self._ask("GET", file, version)
