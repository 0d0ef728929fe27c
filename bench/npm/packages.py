"""npm packages as a client publishes them: an archive, the document that carries it, and what a project's lockfile says of it."""
import base64
import gzip
import hashlib
import io
import json
import tarfile

FULL = {"Accept": "application/json", "Accept-Encoding": "gzip"}
ABBREVIATED = {"Accept": "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*", "Accept-Encoding": "gzip"}
MADE_AT = 499_162_500  # what npm writes for every file


def describe(name: str, version: str) -> dict:
    """A package.json of usual length: what a packument repeats for each version."""
    needs = {f"needed-{number:02d}": f"^{number}.{number + 3}.1" for number in range(10)}
    tools = {f"tool-{number:02d}": f"~{number}.2.{number}" for number in range(12)}
    return {"name": name, "version": version, "description": f"What {name} does, in a sentence that is neither short nor long",
            "keywords": ["made", "up", "for", "a", "benchmark"], "license": "MIT", "author": {"name": "Some Body", "email": "some@upstream.example"},
            "repository": {"type": "git", "url": f"git+https://upstream.example/some/{name}.git"}, "homepage": f"https://upstream.example/some/{name}#readme",
            "bugs": {"url": f"https://upstream.example/some/{name}/issues"}, "main": "index.js", "types": "index.d.ts", "type": "module",
            "engines": {"node": ">=18"}, "files": ["index.js", "index.d.ts", "README.md"], "scripts": {"test": "node --test", "build": "node build.js"},
            "dependencies": needs, "devDependencies": tools}


def pack(manifest: dict, source: bytes) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, content in (("package.json", json.dumps(manifest, indent=2).encode()), ("index.js", source), ("README.md", b"# Made up\n")):
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size, entry.mode, entry.mtime = len(content), 0o644, MADE_AT
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(written.getvalue(), 1, mtime=0)


def integrity_of(archive: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()


def write_document(manifest: dict, archive: bytes, place: str) -> bytes:
    """The body of a publication; `place` is where the server has the package."""
    name, version = manifest["name"], manifest["version"]
    file = f"{name}-{version}.tgz"
    dist = {"integrity": integrity_of(archive), "shasum": hashlib.sha1(archive).hexdigest(), "tarball": f"{place}/-/{file}"}
    shown = {**manifest, "_id": f"{name}@{version}", "_nodeVersion": "20.20.2", "_npmVersion": "10.8.2", "dist": dist, "readmeFilename": "README.md"}
    attachment = {"content_type": "application/octet-stream", "data": base64.b64encode(archive).decode(), "length": len(archive)}
    return json.dumps({"_id": name, "name": name, "description": manifest["description"], "dist-tags": {"latest": version}, "readme": "# Made up\n",
                       "versions": {version: shown}, "access": None, "_attachments": {file: attachment}}).encode()


def write_project(packages: dict[str, tuple[str, bytes]], find_tarball) -> dict[str, str]:
    """The files of a project that needs all of them (version and archive by name), locked."""
    needs = {name: version for name, (version, _) in packages.items()}
    root = {"name": "project", "version": "1.0.0", "dependencies": needs}
    locked = {f"node_modules/{name}": {"version": version, "resolved": find_tarball(name, version), "integrity": integrity_of(archive), "license": "MIT"}
              for name, (version, archive) in packages.items()}
    lock = {"name": "project", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": {"": root, **locked}}
    return {"package.json": json.dumps(root, indent=2), "package-lock.json": json.dumps(lock, indent=2)}
