"""Container runtimes: which one this machine has, what it calls an image, and the command line that runs a command in it."""

import os
import pathlib
import re
import shutil
import socket

from .failures import fail

KINDS = ("apptainer", "singularity", "podman", "docker")
PLAIN = ("apptainer", "singularity")
OWN = re.compile(
    r"PATH|HOME|TMPDIR|LD_.*|XDG_.*|DOCKER_(HOST|CONTEXT|CONFIG)|CONTAINER_HOST|CONTAINERS_.*|STORAGE_(DRIVER|OPTS)", re.DOTALL
)

#: Runs a container and makes sure that it ends with this shell: when the shell is killed, a pipe closes, and what waits at its
#: other end stops the container.
GUARD = """\
mkfifo -m 600 "${TMPDIR:-/tmp}/$2.pipe" || exit 125
exec 9<>"${TMPDIR:-/tmp}/$2.pipe" 8<"${TMPDIR:-/tmp}/$2.pipe"
rm -f "${TMPDIR:-/tmp}/$2.pipe"
(
  exec 9>&-
  $(command -v setsid) /bin/sh -c '
    trap "" HUP INT TERM
    read -r _ <&8 && exit
    "$1" stop -t 2 "$2"
    "$1" rm -f "$2"
    sleep 2
    "$1" rm -f "$2"
  ' muster-container "$1" "$2" </dev/null >/dev/null 2>&1 &
)
exec 8<&-
shift 2
"$@" 9>&-
set -- $?
echo >&9
exit "$1"
"""


def find_runtime(configured, base):
    """Returns the kind of this machine's container runtime and its path."""
    if configured is None:
        for kind in KINDS:
            program = shutil.which(kind)
            if program:
                return kind, program
        raise fail(
            "no container runtime was found on %s: looked for %s on PATH; install one, for example with apt-get install podman "
            "(Debian, Ubuntu) or dnf install podman (Fedora, RHEL), or name it in execution.config.container_runtime"
            % (socket.gethostname(), ", ".join(KINDS)),
            "ENVIRONMENT",
        )
    for kind in KINDS:
        if os.path.basename(configured).startswith(kind):
            program = shutil.which(os.path.join(base, configured) if "/" in configured else configured)
            if program is None:
                problem = (
                    "does not exist or is not executable"
                    if "/" in configured
                    else "is not on PATH; install it, for example with apt-get install " + kind
                )
                raise fail(
                    "the container runtime '%s' of execution.config.container_runtime %s (on %s)"
                    % (configured, problem, socket.gethostname()),
                    "ENVIRONMENT",
                )
            return kind, program
    raise fail(
        "the container runtime '%s' of execution.config.container_runtime is none that is known; its name must begin with "
        "one of %s" % (configured, ", ".join(KINDS)),
        "ENVIRONMENT",
    )


def parse_image(image, base):
    """Returns where an image comes from, and its name in a registry, its address or its absolute path."""
    if image.startswith("docker://"):
        return "REGISTRY", image[len("docker://") :]
    if "://" in image:
        return "ADDRESS", image
    for prefix, form in (("docker-archive:", "DOCKER_ARCHIVE"), ("oci-archive:", "OCI_ARCHIVE")):
        if image.startswith(prefix):
            return _file(form, os.path.join(base, image[len(prefix) :]))
    if image.endswith(".sif"):
        return _file("SIF", os.path.join(base, image))
    if image.endswith((".tar", ".tar.gz", ".tgz")):
        return _file("DOCKER_ARCHIVE", os.path.join(base, image))
    if not image.startswith(("/", "./", "../")):
        return "REGISTRY", image
    path = os.path.join(base, image)
    return _file("FOLDER" if os.path.isdir(path) else "DOCKER_ARCHIVE", path)


def _file(form, path):
    path = os.path.abspath(path)
    if not os.path.exists(path):
        raise fail("there is no container image %s" % path, "ENVIRONMENT")
    return form, path


def reference(kind, form, name):
    """Returns what a runtime calls an image."""
    plain = kind in PLAIN
    if (not plain and form in ("ADDRESS", "SIF")) or (kind == "docker" and form == "FOLDER"):
        able = "podman or apptainer can" if form == "FOLDER" else "apptainer or singularity can"
        raise fail("%s cannot run the container image %s; %s" % (kind, name, able), "ENVIRONMENT")
    prefixes = {"REGISTRY": "docker://", "DOCKER_ARCHIVE": "docker-archive:", "OCI_ARCHIVE": "oci-archive:"}
    return prefixes.get(form, "") + name if plain else name


def mounts(folders):
    """Returns the folders to mount, without those that lie in another one."""
    found = []
    for folder in sorted(set(pathlib.PurePosixPath(folder) for folder in folders)):
        if not any(folder == other or other in folder.parents for other in found):
            found.append(folder)
    return [str(folder) for folder in found]


def _field(text):
    return '"%s"' % text.replace('"', '""') if re.search('[,"\n]', text) else text


def _mount(folder, target):
    return "type=bind,%s,%s" % (_field("source=" + folder), _field("%s=%s" % (target, folder)))


def argv(call):
    """Returns the command line that runs a command in a container."""
    kind, program = call["runtime"]
    if kind in PLAIN:
        words = [program, "exec", "--cleanenv", "--pwd", call["cwd"]]
        for folder in mounts(call["folders"]):
            if re.search('[:,"\\\\\n]', folder):
                words += ["--mount", _mount(folder, "destination")]  # which old ones do not have
            else:
                words += ["--bind", "%s:%s" % (folder, folder)]
        words += ["--nv"] if call["gpus"] else []
        return [*words, *call["options"], call["image"], *call["command"]]
    name = call["name"]
    words = ["/bin/sh", "-c", GUARD, "muster-container", program, name, program]
    words += ["run", "--rm", "--interactive", "--name", name, "--network", "host", "--stop-timeout", "2"]
    words += ["--security-opt", "label=disable", "--entrypoint", ""]
    if kind == "podman" and call["uid"]:
        words += ["--userns", "keep-id"]
    words += ["--user", "%d:%d" % (call["uid"], call["gid"]), "--workdir", call["cwd"]]
    for folder in mounts(call["folders"]):
        words += ["--mount", _mount(folder, "target")]
    for variable, value in sorted(call["variables"].items()):
        words += ["--env", "%s=%s" % (variable, value) if OWN.fullmatch(variable) else variable]
    if call["gpus"]:
        words += ["--device", "nvidia.com/gpu=all"] if kind == "podman" else ["--gpus", "all"]
    words += call["options"]
    words += ["--rootfs"] if call["form"] == "FOLDER" else ["--pull", "never"]
    return [*words, call["image"], *call["command"]]


def environment(call):
    """Returns the variables of the runtime's own environment, in addition to the worker's."""
    kind = call["runtime"][0]
    if kind in PLAIN:
        found = {"%sENV_%s" % (kind.upper(), name): value for name, value in call["variables"].items()}
        return dict(found, **{kind.upper() + "_NO_EVAL": "1"})  # or a shell reads the values
    return {name: value for name, value in call["variables"].items() if not OWN.fullmatch(name)}


def literal(kind, version):
    """Tells whether a runtime takes values of variables as they are.

    Apptainer before 1.1 and Singularity before 3.10 let a shell read them, and cannot be told not to.
    """
    found = re.search(r"(\d{1,4})\.(\d{1,4})", version)
    if kind not in PLAIN or not found:
        return True
    number = int(found.group(1)), int(found.group(2))
    # Apptainer calls itself singularity, too.
    return number >= ((1, 1) if kind == "apptainer" or number < (2, 0) else (3, 10))
