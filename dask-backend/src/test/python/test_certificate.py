"""Tests of the certificate of a run."""

import os
import ssl
import tempfile
import unittest

from muster_dask import certificate, worker


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

    def test_is_in_no_file_of_a_worker_that_was_told_it(self):
        text, key = certificate.make()
        security = worker.security_of({"tls": {"ca": text, "cert": text, "key": key}})
        self.addCleanup(setattr, tempfile, "tempdir", tempfile.tempdir)
        tempfile.tempdir = os.path.join(self.folder, "absent")
        for side in (security.get_connection_args("worker"), security.get_listen_args("worker")):
            self.assertIsInstance(side["ssl_context"], ssl.SSLContext)

    def test_files_keep_their_names(self):
        self.assertEqual("/run/key.pem", certificate.unwritten("/run/key.pem"))
        self.assertIsNone(certificate.unwritten(None))

    def test_another_is_not_trusted(self):
        own, other = certificate.make(), certificate.make()
        with self.assertRaises(ssl.SSLError):
            self.handshake((own, own), (other, own))


if __name__ == "__main__":
    unittest.main()
