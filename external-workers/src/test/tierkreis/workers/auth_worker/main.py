"""Signs and verifies, with the worker package of Tierkreis; a task with several outputs returns a named tuple."""

import sys
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from tierkreis import Worker
from tierkreis.controller.data.models import portmapping

worker = Worker("auth_worker")
PADDING = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.MAX_LENGTH)


@portmapping
class Signed(NamedTuple):
    hex_signature: str
    length: int


@worker.task()
def sign(private_key: bytes, passphrase: bytes, message: str) -> Signed:
    key = serialization.load_pem_private_key(private_key, passphrase)
    signature = key.sign(message.encode(), PADDING, hashes.SHA256())
    return Signed(hex_signature=signature.hex(), length=len(signature))


@worker.task()
def verify(public_key: bytes, signature: str, message: str) -> bool:
    key = serialization.load_pem_public_key(public_key)
    try:
        key.verify(bytes.fromhex(signature), message.encode(), PADDING, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


if __name__ == "__main__":
    worker.app(sys.argv)
