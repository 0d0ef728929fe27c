"""What the tests of images share: a server of either engine with a repository of them, for a whole module, and keys to it."""
import itertools

import pytest
from support.installation import installed
from support.oci import Client, Image

ENGINES = [pytest.param(engine, marks=pytest.mark.xdist_group(f"images-{engine}")) for engine in ("sqlite", "postgres")]


class Registry:
    def __init__(self, here, server):
        self.here, self.server, self.numbers = here, server, itertools.count()
        here.say("repository", "create", "images", "--app", "main", "--format", "oci")
        self.key = self.make_key()

    def make_key(self, *words) -> str:
        return self.here.say("key", "create", "--user", "admin", "--quiet", *words).strip()

    def client(self, *words, by_token=False) -> Client:
        """With the administrator's key, or with one that is made with these words."""
        return Client(self.server, self.make_key(*words) if words else self.key, by_token)

    def image(self, client=None) -> Image:
        """Of a name that nobody has used yet."""
        return Image(client or self.client(), f"default/images/team/image{next(self.numbers)}")


@pytest.fixture(scope="module", params=ENGINES)
def registry(request, binary, tmp_path_factory):
    with installed(request, binary, tmp_path_factory.mktemp("images") / "data") as here, here.server() as server:
        server.wait_for_log("serving")
        yield Registry(here, server)
