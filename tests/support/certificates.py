"""Certificates for servers under test: self-signed, made by the openssl program, good for a day."""
import ssl
import subprocess
from pathlib import Path


class Certificate:
    """`folder/NAME.crt` and `folder/NAME.key`, for localhost and 127.0.0.1."""

    def __init__(self, folder: Path, name: str):
        self.name = name
        self.certificate_file = folder / f"{name}.crt"
        self.key_file = folder / f"{name}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "1", "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.key_file, "-out", self.certificate_file], check=True, capture_output=True)
        self.key_file.chmod(0o600)

    def copy_over(self, other: "Certificate"):
        """Puts this certificate and key into the other's files, as a renewal does."""
        other.certificate_file.write_bytes(self.certificate_file.read_bytes())
        other.key_file.write_bytes(self.key_file.read_bytes())

    def client_context(self) -> ssl.SSLContext:
        """A client that trusts this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate_file))


def name_of(tls_socket) -> str:
    """The common name in the certificate that the peer showed."""
    return dict(pair[0] for pair in tls_socket.getpeercert()["subject"])["commonName"]
