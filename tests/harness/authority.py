"""A certificate authority of the tests' own, and a server's certificate that it has signed."""

from __future__ import annotations

import ssl
from pathlib import Path

from harness.tools import need, run

P_256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
P_384 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-384")
RSA_4096 = ("rsa:4096",)
ED25519 = ("ed25519",)

NAMES = "DNS:*.example.test,DNS:localhost,IP:127.0.0.1,IP:::1"


class Authority:
    """Keys and certificates in one folder, made with the command openssl."""

    def __init__(self, folder: Path, kind: tuple[str, ...] = P_256) -> None:
        """Make them in an empty folder, with keys of a kind."""
        self.folder = folder
        self.certificate = folder / "authority.pem"
        self.server = folder / "server.pem"
        self.server_key = folder / "server-key.pem"
        self.hashed = folder / "hashed"
        key, request, extensions = (
            folder / name for name in ("authority-key.pem", "request.pem", "extensions")
        )
        extensions.write_text(f"subjectAltName={NAMES}\n")
        keys = ("req", "-newkey", *kind, "-nodes", "-subj")
        name = f"/CN=the authority in {folder.name}"
        _openssl(*keys, name, "-x509", "-days", "2", "-keyout", key, "-out", self.certificate)
        _openssl(*keys, "/CN=a server for tests", "-keyout", self.server_key, "-out", request)
        signer = ("-CA", self.certificate, "-CAkey", key, "-CAcreateserial", "-days", "2")
        _openssl("x509", "-req", "-in", request, *signer, "-extfile", extensions, "-out", self.server)
        self.hashed.mkdir()
        (self.hashed / "authority.pem").write_bytes(self.certificate.read_bytes())
        _openssl("rehash", self.hashed)

    def context(
        self, least: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> ssl.SSLContext:
        """A server's side of TLS, from version `least` to version `most`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server, self.server_key)
        # OpenSSL offers the old versions at its lowest level only.
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = least
        context.maximum_version = most
        return context


def _openssl(*arguments: str | Path) -> None:
    run(need("openssl", "openssl"), *arguments)
