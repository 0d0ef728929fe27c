"""Wheels, and the form in which a client uploads one."""
import base64
import hashlib
import io
import secrets
import zipfile

BOUNDARY = "made-up-" + secrets.token_hex(16)


def wheel_name(project: str, version: str) -> str:
    return f"{project}-{version}-py3-none-any.whl"


def describe(project: str, version: str) -> dict[str, str | list[str]]:
    """The fields of its metadata, as many as usual."""
    return {"Metadata-Version": "2.1", "Name": project, "Version": version, "Summary": f"What {project} does, in a sentence of usual length",
            "Author-email": "Some Body <some@upstream.example>", "License": "MIT", "Keywords": "made,up,for,a,benchmark",
            "Project-URL": [f"Homepage, https://upstream.example/some/{project}"],
            "Classifier": ["Development Status :: 5 - Production/Stable", "Programming Language :: Python :: 3", "Operating System :: OS Independent"],
            "Requires-Python": ">=3.9", "Requires-Dist": [f"needed-{number:02d}>={number}.{number + 3}" for number in range(8)]}


def list_pairs(fields: dict[str, str | list[str]]) -> list[tuple[str, str]]:
    return [(name, one) for name, value in fields.items() for one in ([value] if isinstance(value, str) else value)]


def pack_wheel(fields: dict[str, str | list[str]], source: bytes) -> bytes:
    project, version = fields["Name"], fields["Version"]
    folder = f"{project}-{version}.dist-info"
    metadata = "".join(f"{name}: {value}\n" for name, value in list_pairs(fields)) + "\nMade up.\n"
    files = {f"{project}/__init__.py": source, f"{folder}/METADATA": metadata.encode(),
             f"{folder}/WHEEL": b"Wheel-Version: 1.0\nGenerator: bench 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        record = ""
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            record += f"{path},sha256={digest},{len(content)}\n"
        archive.writestr(zipfile.ZipInfo(f"{folder}/RECORD"), f"{record}{folder}/RECORD,,\n")
    return written.getvalue()


def write_form(fields: dict[str, str | list[str]], wheel: bytes) -> bytes:
    """As a client sends it: what it wants, what the metadata says, digests, and the file last."""
    plural = {"Classifier": "classifiers", "Project-URL": "project_urls"}
    said = [(plural.get(name, name.lower().replace("-", "_")), value) for name, value in list_pairs(fields)]
    pairs = [(":action", "file_upload"), ("protocol_version", "1"), *said, ("filetype", "bdist_wheel"), ("pyversion", "py3"),
             ("sha256_digest", hashlib.sha256(wheel).hexdigest()), ("md5_digest", hashlib.md5(wheel).hexdigest()),
             ("blake2_256_digest", hashlib.blake2b(wheel, digest_size=32).hexdigest())]
    parts = "".join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in pairs)
    file = wheel_name(fields["Name"], fields["Version"])
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="content"; filename="{file}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    return (parts + head).encode() + wheel + f"\r\n--{BOUNDARY}--\r\n".encode()
