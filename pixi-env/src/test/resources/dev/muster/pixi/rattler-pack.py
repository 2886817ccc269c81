"""Stands in for pixi-pack 0.7, with the library that it is made of: python rattler-pack.py [OPTION]... [MANIFEST].

Takes the options that pixi-pack documents and refuses others. As pixi-pack does, it takes the packages that pixi.lock names, both .conda and .tar.bz2, into
channel/, writes repodata.json, pixi-pack.json and environment.yml beside them, and makes of these an executable: a shell script, the line
@@END_HEADER@@, an empty line, a tar archive in base64 in one line, the line @@END_ARCHIVE@@, and the program that unpacks in base64. Also as pixi-pack
does, it gives the output file the suffix .sh whatever was asked for. The program that unpacks is rattler-unpack.py, run by this interpreter.
"""

import argparse
import base64
import io
import json
import os
import shutil
import sys
import tarfile
import tempfile
import urllib.parse

import rattler

HEADER = r"""#!/usr/bin/env bash
set -e
work=$(mktemp -d)
awk -v work="$work" '
  /^@@END_HEADER@@$/ { part = 1; next }
  /^@@END_ARCHIVE@@$/ { part = 2; next }
  part { print >(work "/part" part) }' "$0"
base64 -d "$work/part1" >"$work/pack.tar"
base64 -d "$work/part2" >"$work/unpack"
chmod +x "$work/unpack"
"$work/unpack" "$@" "$work/pack.tar"
rm -r "$work"
exit
@@END_HEADER@@
"""


def options():
    parser = argparse.ArgumentParser(prog="pixi-pack", allow_abbrev=False)
    parser.add_argument("-e", "--environment", default="default")
    parser.add_argument("-p", "--platform", default="linux-64")
    parser.add_argument("-o", "--output-file")
    parser.add_argument("--ignore-pypi-non-wheel", action="store_true")
    parser.add_argument("--create-executable", action="store_true")
    parser.add_argument("--pixi-unpack-source")
    parser.add_argument("manifest", nargs="?", default=os.getcwd())
    return parser.parse_args()


def fail(text):
    sys.exit("Error: " + text)


def locked(args):
    folder = args.manifest if os.path.isdir(args.manifest) else os.path.dirname(args.manifest)
    path = os.path.join(folder, "pixi.lock")
    if not os.path.exists(args.manifest):
        fail("manifest path does not exist at " + args.manifest)
    try:
        lock = rattler.LockFile.from_path(path)
    except Exception as error:
        fail("could not read lockfile at %s: %s" % (path, error))
    environment = dict(lock.environments()).get(args.environment)
    if environment is None:
        fail("environment not found in lockfile: " + args.environment)
    for platform in environment.platforms():
        if platform.name == args.platform:
            return environment.packages(platform)
    return fail("platform not found in lockfile: " + args.platform)


def fill(folder, packages, args):
    """Writes what goes into the archive; returns how many packages."""
    repodata = {}
    lines = ["channels:", "- ./channel", "- nodefaults", "dependencies:"]
    for package in packages:
        if not isinstance(package, rattler.CondaLockedBinaryPackage):
            fail("PyPI packages are not understood by the stand-in")
        record = package.repo_data_record()
        url = urllib.parse.urlparse(str(package.location))
        if url.scheme not in ("", "file"):
            fail("the stand-in downloads nothing: " + str(package.location))
        subdir = os.path.join(folder, "channel", record.subdir)
        os.makedirs(subdir, exist_ok=True)
        shutil.copyfile(urllib.parse.unquote(url.path), os.path.join(subdir, record.file_name))
        part = repodata.setdefault(record.subdir, {"packages": {}, "packages.conda": {}})
        kind = "packages.conda" if record.file_name.endswith(".conda") else "packages"
        fields = json.loads(record.to_json())
        for each in ("url", "channel", "fn"):
            fields.pop(each, None)
        part[kind][record.file_name] = fields
        lines.append("- %s=%s=%s" % (record.name.source, record.version, record.build))
    for subdir, part in repodata.items():
        whole = {"info": {"subdir": subdir}, **part, "removed": [], "repodata_version": 2}
        with open(os.path.join(folder, "channel", subdir, "repodata.json"), "w", encoding="utf-8") as file:
            json.dump(whole, file)
    with open(os.path.join(folder, "pixi-pack.json"), "w", encoding="utf-8") as file:
        json.dump({"version": "1", "pixi-pack-version": "0.7.3", "platform": args.platform}, file, indent=2)
    with open(os.path.join(folder, "environment.yml"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return len(packages)


def archive(folder):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for top in sorted(os.listdir(folder)):
            tar.add(os.path.join(folder, top), top)
    return data.getvalue()


def main():
    args = options()
    output = args.output_file or os.path.join(os.getcwd(), "environment.sh")
    if not args.create_executable:
        fail("the stand-in makes executables only")
    with tempfile.TemporaryDirectory() as folder:
        packages = locked(args)
        print("Downloading %d packages..." % len(packages), file=sys.stderr)
        fill(folder, packages, args)
        packed = archive(folder)
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rattler-unpack.py"), encoding="utf-8") as file:
        program = "#!%s\n%s" % (sys.executable, file.read())
    output = os.path.splitext(output)[0] + ".sh"
    with open(output, "wb") as file:
        file.write(HEADER.encode() + b"\n" + base64.b64encode(packed) + b"\n@@END_ARCHIVE@@\n")
        file.write(base64.b64encode(program.encode()) + b"\n")
    os.chmod(output, 0o755)
    print("Created pack at %s" % output, file=sys.stderr)


if __name__ == "__main__":
    main()
    # The threads of rattler do not live through the end of an interpreter: it aborts now and then.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
