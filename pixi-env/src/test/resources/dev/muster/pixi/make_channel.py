"""Makes a conda channel out of an installed environment, and a pixi.lock that names its packages: python make_channel.py PREFIX PROJECT.

PREFIX is what RealPrefix makes. PROJECT gets pixi.toml, pixi.lock and channel/, with packages in both formats of conda, .conda and .tar.bz2. The index
of the channel and the lock file are written by rattler, the library that Pixi is made of.
"""

import asyncio
import hashlib
import io
import json
import os
import sys
import tarfile
import zipfile

import rattler
import rattler.index
import zstandard

PLACEHOLDER = "/opt/" + "placehold_" * 25  # 255 bytes, as conda-build has it


def entry(name, data, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = mode
    return info, io.BytesIO(data)


def tree(prefix, under):
    """Yields names of files and links below some folders of a prefix."""
    for top in under:
        path = os.path.join(prefix, top)
        if not os.path.isdir(path) or os.path.islink(path):
            yield top
            continue
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(each for each in folders if each not in ("__pycache__", "test"))
            for name in sorted(files):
                yield os.path.relpath(os.path.join(folder, name), prefix)


def records(prefix, names, patched):
    """Returns info/paths.json of a package."""
    paths = []
    for name in names:
        path = os.path.join(prefix, name)
        one = {"_path": name, "path_type": "softlink" if os.path.islink(path) else "hardlink"}
        if not os.path.islink(path):
            with open(path, "rb") as file:
                data = patched.get(name, (None, None))[1] or file.read()
            one["sha256"] = hashlib.sha256(data).hexdigest()
            one["size_in_bytes"] = len(data)
        if name in patched:
            one["prefix_placeholder"] = PLACEHOLDER
            one["file_mode"] = patched[name][0]
        paths.append(one)
    return {"paths": paths, "paths_version": 1}


def members(prefix, names, patched):
    """Yields what a package's payload has in it."""
    for name in names:
        path = os.path.join(prefix, name)
        if name in patched:
            yield entry(name, patched[name][1], os.stat(path).st_mode & 0o777)
        elif os.path.islink(path):
            info = tarfile.TarInfo(name)
            info.type = tarfile.SYMTYPE
            info.linkname = os.readlink(path)
            yield info, None
        else:
            with open(path, "rb") as file:
                yield entry(name, file.read(), os.stat(path).st_mode & 0o777)


def archive(parts):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in parts:
            tar.addfile(info, content)
    return data.getvalue()


def package(channel, name, version, suffix, depends, prefix, names, patched=None):
    """Writes one package into the channel, in the format that the suffix says."""
    patched = patched or {}
    names = list(names)
    index = {
        "name": name,
        "version": version,
        "build": "0",
        "build_number": 0,
        "depends": depends,
        "subdir": "linux-64",
        "arch": "x86_64",
        "platform": "linux",
        "timestamp": 1700000000000,
    }
    info = [
        entry("info/index.json", json.dumps(index).encode()),
        entry("info/paths.json", json.dumps(records(prefix, names, patched)).encode()),
    ]
    stem = "%s-%s-0" % (name, version)
    path = os.path.join(channel, "linux-64", stem + suffix)
    if suffix == ".tar.bz2":
        with tarfile.open(path, "w:bz2") as tar:
            for each, content in [*info, *members(prefix, names, patched)]:
                tar.addfile(each, content)
    else:
        packed = zstandard.ZstdCompressor(level=1)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as conda:
            conda.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
            conda.writestr("pkg-%s.tar.zst" % stem, packed.compress(archive(members(prefix, names, patched))))
            conda.writestr("info-%s.tar.zst" % stem, packed.compress(archive(info)))


def make(prefix, project):
    channel = os.path.join(project, "channel")
    for each in ("linux-64", "noarch"):
        os.makedirs(os.path.join(channel, each))
    python = next(each for each in sorted(os.listdir(os.path.join(prefix, "bin"))) if each.startswith("python3."))
    version = python[len("python") :] + ".0"
    package(
        channel, "python", version, ".conda", [], prefix, tree(prefix, ["bin/" + python, "bin/python", "lib/" + python])
    )
    package(channel, "distributed", "1.0", ".conda", ["python"], prefix, tree(prefix, ["lib/python3"]))
    package(
        channel,
        "prefixed",
        "1.0",
        ".tar.bz2",
        ["python"],
        prefix,
        ["lib/prefixed.txt", "lib/prefixed.bin", "bin/tool", *tree(prefix, ["etc"])],
        {
            "lib/prefixed.txt": ("text", ("prefix=%s\n" % PLACEHOLDER).encode()),
            "lib/prefixed.bin": ("binary", PLACEHOLDER.encode() + b"/lib\0"),
            "bin/tool": ("text", ("#!%s/bin/python\nprint('tool')\n" % PLACEHOLDER).encode()),
        },
    )
    asyncio.run(rattler.index.index_fs(channel, write_zst=False, write_shards=False))
    platform = rattler.LockPlatform("linux-64")
    lock = rattler.LockFile([platform])
    url = "file://" + channel
    lock.set_channels("default", [rattler.LockChannel(url)])
    repodata = rattler.RepoData.from_path(os.path.join(channel, "linux-64", "repodata.json"))
    for record in repodata.into_repo_data(rattler.Channel(url)):
        lock.add_conda_package("default", platform, record)
    lock.to_path(os.path.join(project, "pixi.lock"))
    with open(os.path.join(project, "pixi.toml"), "w", encoding="utf-8") as file:
        file.write('[workspace]\nname = "packed"\nchannels = ["%s"]\nplatforms = ["linux-64"]\n' % url)


def leave():
    """Ends this process without taking the interpreter down, which rattler's threads do not live through."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    make(sys.argv[1], sys.argv[2])
    leave()
