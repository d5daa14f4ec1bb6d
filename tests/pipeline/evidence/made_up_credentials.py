"""Content credentials signed on the spot by a certificate authority that exists for a test only; nothing is fetched."""

import io
import json
from datetime import datetime

from c2pa import Builder, C2paSignerInfo, Context, Signer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OFFLINE = {
    "core": {"allowed_network_hosts": []},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TAKEN = {"action": "c2pa.created", "digitalSourceType": f"{TERMS}digitalCapture"}


class Authority:
    """A root certificate, and a camera's certificate that it signed.

    Attributes:
        root: the root certificate, PEM.
    """

    def __init__(self) -> None:
        self._root_key, self._key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        self._years = datetime(2020, 1, 1), datetime(2060, 1, 1)
        name = _name("Made-up Root", "Made-up Trust")
        root = self._certificate(
            name, name, self._root_key, x509.KeyUsage(*[False] * 5, True, True, False, False), True
        )
        usage = x509.KeyUsage(True, *[False] * 8)
        leaf = self._certificate(_name("Camera 1", "Made-up Cameras"), name, self._key, usage, False)
        self.root = _pem(root)
        self._chain = _pem(leaf) + self.root

    def _certificate(self, subject, issuer, key, usage, is_root):
        builder = x509.CertificateBuilder(issuer, subject, key.public_key(), 1 + (not is_root), *self._years)
        builder = builder.add_extension(x509.BasicConstraints(is_root, None), critical=True)
        builder = builder.add_extension(usage, critical=True)
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(own, critical=False)
        above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._root_key.public_key())
        builder = builder.add_extension(above, critical=False)
        if not is_root:
            mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(mail, critical=False)
        return builder.sign(self._root_key, hashes.SHA256())

    def sign(self, data, kind="image/jpeg", actions=(TAKEN,), title="A photo", parents=(), elsewhere=""):
        """Return a photo's bytes with credentials; `elsewhere` keeps only the address of those."""
        claim = {
            "claim_generator_info": [{"name": "Made-up App", "version": "1.0"}],
            "title": title,
            "assertions": [{"label": "c2pa.actions", "data": {"actions": list(actions)}}],
        }
        builder = Builder(json.dumps(claim), Context.from_dict(OFFLINE))
        for number, (name, parent) in enumerate(parents):
            relation = "parentOf" if number == 0 else "componentOf"
            ingredient = {"title": name, "relationship": relation, "instance_id": f"i{number}"}
            builder.add_ingredient(ingredient, "image/jpeg", io.BytesIO(parent))
        if elsewhere:
            builder.set_remote_url(elsewhere)
            builder.set_no_embed()
        out = io.BytesIO()
        info = C2paSignerInfo("es256", self._chain.encode(), _private(self._key), None)
        builder.sign(Signer.from_info(info), kind, io.BytesIO(data), out)
        return out.getvalue()


def _name(common: str, organisation: str) -> x509.Name:
    parts = ((NameOID.COMMON_NAME, common), (NameOID.ORGANIZATION_NAME, organisation), (NameOID.COUNTRY_NAME, "DE"))
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _private(key) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
