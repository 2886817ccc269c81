"""Stands in for pixi-unpack, with the library that it is made of: it installs the packages of an archive and writes activate.sh."""

import argparse
import asyncio
import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path

import rattler
import rattler.shell


def main():
    parser = argparse.ArgumentParser(prog="pixi-unpack", allow_abbrev=False)
    parser.add_argument("-o", "--output-directory", default=os.getcwd())
    parser.add_argument("-e", "--env-name", default="env")
    parser.add_argument("pack_file")
    args = parser.parse_args()
    prefix = os.path.join(args.output_directory, args.env_name)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(args.pack_file) as tar:
            tar.extractall(folder)
        with open(os.path.join(folder, "pixi-pack.json"), encoding="utf-8") as file:
            metadata = json.load(file)
        if metadata["version"] != "1":
            sys.exit("Error: Unsupported pixi-pack version: " + metadata["version"])
        if metadata["platform"] != "linux-64":
            sys.exit("Error: The pack was created for a different platform")
        records = []
        for subdir in sorted(os.listdir(os.path.join(folder, "channel"))):
            path = os.path.join(folder, "channel", subdir, "repodata.json")
            channel = rattler.Channel("file://" + os.path.join(folder, "channel"))
            records += rattler.RepoData.from_path(path).into_repo_data(channel)
        install = rattler.install(records, prefix, cache_dir=Path(folder) / "cache", show_progress=False)
        asyncio.run(install)
    variables = rattler.shell.ActivationVariables(None, ["/no-path"])
    script = rattler.shell.activate(Path(prefix), variables, rattler.shell.Shell.bash).script
    with open(os.path.join(args.output_directory, "activate.sh"), "w", encoding="utf-8") as file:
        file.write(script.replace(":/no-path", ""))


if __name__ == "__main__":
    main()
    # The threads of rattler do not live through the end of an interpreter: it aborts now and then.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
