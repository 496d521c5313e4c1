"""A root file system to rehearse in, and a way to run something in it as an unprivileged container would.

A minimal Debian where debootstrap can build one, otherwise the machine's own system folders, read-only. Either way the
checkout does not exist in it.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DOCKER_CAPABILITIES = (
    "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write "
    "setfcap"
).split()
SYSTEM = ("usr", "etc", "bin", "sbin", "lib", "lib32", "lib64")
MIRROR, SUITE = "http://deb.debian.org/debian", "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"


@dataclass(frozen=True)
class Root:
    """A folder to chroot into; `binds` are paths of the machine that are shown in it, read-only."""

    path: Path
    binds: tuple[Path, ...]
    kind: str

    def command(self, arguments: Sequence[str], env: Mapping[str, str], cwd: str, *, network: bool) -> list[str]:
        """What runs `arguments` in the root: own mounts and processes, Docker's capabilities and no more."""
        script = [f"mount -t proc proc {self.path}/proc"]
        for bind in self.binds:
            target = self.path / bind.relative_to("/")
            make = f"mkdir -p '{target}'" if bind.is_dir() else f"mkdir -p '{target.parent}' && touch '{target}'"
            script.append(f"[ -e '{target}' ] || {{ {make}; }}")
            script.append(f"mount --bind '{bind}' '{target}' && mount -o remount,bind,ro '{target}'")
        kept = ",".join(["-all", *(f"+{name}" for name in DOCKER_CAPABILITIES)])
        inner = f'cd {cwd} && exec "$@"'
        settings = " ".join(_quoted(f"{name}={value}") for name, value in env.items())
        dropped = f"setpriv --bounding-set {kept} --inh-caps -all"
        script.append(f'exec chroot {self.path} {dropped} env -i {settings} sh -c {_quoted(inner)} sh "$@"')
        isolation = ["unshare", "--mount", "--pid", "--fork", "--kill-child"] + ([] if network else ["--net"])
        return [*isolation, "sh", "-ec", "\n".join(script), "sh", *arguments]


def build(folder: Path) -> Root:
    """The root below a folder, from an earlier rehearsal where there is one."""
    path, stamp = folder / "root", folder / "root.built"
    kind = stamp.read_text().strip() if stamp.is_file() else ""
    if not kind:
        shutil.rmtree(path, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        kind = "debian" if _debootstrapped(path, folder / "debootstrap.log") else "system"
        for name in ("proc", "tmp", "dev", "opt", "root"):
            (path / name).mkdir(parents=True, exist_ok=True)
        stamp.write_text(kind + "\n")
    packages = tuple(_local_paths(pip_settings()))
    if kind == "debian":
        shutil.copy("/etc/resolv.conf", path / "etc/resolv.conf")
        return Root(path, packages, f"a minimal Debian {SUITE}")
    devices = tuple(Path("/dev", name) for name in ("null", "zero", "random", "urandom"))
    return Root(path, (*_system_folders(path), *devices, *packages), "this machine's own system folders, read-only")


def _debootstrapped(path: Path, log: Path) -> bool:
    if not shutil.which("debootstrap"):
        return False
    command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(path), MIRROR]
    with log.open("w") as out:
        return subprocess.run(command, stdout=out, stderr=out, check=False).returncode == 0


def _system_folders(root: Path) -> list[Path]:
    found = []
    for name in SYSTEM:
        path = Path("/", name)
        if path.is_symlink() and not (root / name).is_symlink():
            (root / name).symlink_to(path.readlink())
        elif path.is_dir() and not path.is_symlink():
            found.append(path)
    return found


def pip_settings() -> dict[str, str]:
    """How pip is set up on this machine, as environment variables: the container's pip finds packages the same way."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    found = {}
    for name, value in re.findall(r"^(?:global|install|:env:)\.([a-z-]+)=(.*)$", listed, re.MULTILINE):
        found[f"PIP_{name.upper().replace('-', '_')}"] = " ".join(str(ast.literal_eval(value)).split())
    return found


def _local_paths(settings: Mapping[str, str]) -> list[Path]:
    """Folders of packages, and the file of certificates, that pip's settings name."""
    words = [word.removeprefix("file://") for value in settings.values() for word in value.split()]
    paths = [Path(word) for word in words if word.startswith("/") and Path(word).exists()]
    tops = {path if path.is_file() or len(path.parts) < 4 else Path(*path.parts[:3]) for path in paths}
    return sorted(tops)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
