"""The certificate of a run: one key for scheduler, workers and client, which trust nothing else."""

import datetime
import os

NAME = "muster-run"
YEAR = datetime.timedelta(days=366)
DAY = datetime.timedelta(days=1)


def make():
    """Returns a certificate that signs itself, and its key, as PEM texts. Raises ImportError without `cryptography`.

    The key is on a curve: it takes no time to make, where Dask's own temporary keys take a third of a second.
    """
    from cryptography import x509
    from cryptography.hazmat.backends import default_backend
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1(), default_backend())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)  # clocks differ
        .not_valid_after(now + YEAR)
        .sign(key, hashes.SHA256(), default_backend())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"), private.decode("ascii")


def unwritten(text):
    """Returns a name under which this process can open a text that is in no file system; a name of a file is left as it is.

    Of a text with a key Dask makes a file in the temporary folder for a moment, which stays there if the process is ended
    then. Where the system has no files in memory this is so.
    """
    if text is None or "\n" not in text or not hasattr(os, "memfd_create") or not os.path.isdir("/proc/self/fd"):
        return text
    try:
        file = os.memfd_create("muster-tls")  # For the life of the process; no process that it starts has it.
    except OSError:
        return text
    with open(file, "w", encoding="ascii", closefd=False) as memory:
        memory.write(text)
    return "/proc/self/fd/%d" % file
