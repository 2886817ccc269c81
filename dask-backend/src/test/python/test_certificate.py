"""Tests of the certificate of a run."""

import os
import ssl
import tempfile
import unittest

from muster_dask import certificate


class CertificateTest(unittest.TestCase):
    """Both sides of a connection trust it, and no other."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def context(self, purpose, own, trusted):
        """Returns a context as Dask makes it."""
        paths = []
        for text in (*own, trusted[0]):
            paths.append(os.path.join(self.folder, str(len(os.listdir(self.folder)))))
            with open(paths[-1], "w") as file:
                file.write(text)
        context = ssl.create_default_context(purpose, cafile=paths[2])
        context.verify_mode = ssl.CERT_REQUIRED
        context.check_hostname = False
        context.load_cert_chain(paths[0], paths[1])
        return context

    def handshake(self, server, client):
        """Lets two sides talk until both are content."""
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        sides = [
            self.context(ssl.Purpose.SERVER_AUTH, *client).wrap_bio(to_client, to_server),
            self.context(ssl.Purpose.CLIENT_AUTH, *server).wrap_bio(to_server, to_client, server_side=True),
        ]
        waiting = list(sides)
        for _ in range(10):
            for side in list(waiting):
                try:
                    side.do_handshake()
                    waiting.remove(side)
                except ssl.SSLWantReadError:
                    pass
        self.assertEqual([], waiting)
        return sides[1].getpeercert()

    def test_both_sides_trust_it(self):
        own = certificate.make()
        peer = self.handshake((own, own), (own, own))
        self.assertEqual(((("commonName", certificate.NAME),),), peer["subject"])

    def test_another_is_not_trusted(self):
        own, other = certificate.make(), certificate.make()
        with self.assertRaises(ssl.SSLError):
            self.handshake((own, own), (other, own))


if __name__ == "__main__":
    unittest.main()
