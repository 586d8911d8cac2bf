"""One virtual environment per supported version of `datasets`, under .venvs/.

    python tests/matrix/environments.py            make all that are missing or out of date
    python tests/matrix/environments.py 3.6.0      make one

The version the project itself is pinned to runs in the project's own environment, with no second one. The versions
that can run loading scripts also get what `builders` imports, at the project's own pins.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("2.14.7", "2.21.0", "3.6.0", "4.8.5", "5.2.0")
WITH_SCRIPTS = ("2.21.0", "3.6.0")
"""Versions in which revision `script` is tested: newer ones run no loading script."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)", re.MULTILINE)


def _pins(path: Path) -> dict[str, str]:
    """Versions by name in canonical form (packaging.python.org, "Name normalization")."""
    found = _PIN.finditer(path.read_text(encoding="utf-8"))
    return {re.sub(r"[-_.]+", "-", pin[1]).lower(): pin[2] for pin in found}


OWN = _pins(ROOT / "requirements-data.txt")["datasets"]
"""The project's own version: it runs in the environment that runs this."""


def python(version: str) -> Path:
    """The interpreter of a version's environment, whether it exists or not."""
    return Path(sys.executable) if version == OWN else _folder(version) / "bin" / "python"


def ready(version: str) -> bool:
    """True where the environment holds what its requirements ask for."""
    note = _folder(version) / "installed.txt"
    return version == OWN or (note.is_file() and note.read_text() == _requirements(version))


def make(version: str) -> None:
    """Makes an environment, or brings it up to date; one that is right is left alone."""
    if ready(version):
        return
    requirements = _requirements(version)
    venv.create(_folder(version), with_pip=True)
    command = [python(version), "-m", "pip", "install", "--quiet", *requirements.split()]
    subprocess.run(command, check=True)
    (_folder(version) / "installed.txt").write_text(requirements)


def _folder(version: str) -> Path:
    return ROOT / ".venvs" / f"datasets-{version}"


def _requirements(version: str) -> str:
    """Exact pins, one a line: the version's own, then those of `builders` that they do not decide."""
    pins = _pins(ROOT / "tests" / "matrix" / f"requirements-{version}.txt")
    if version in WITH_SCRIPTS:
        pins = _pins(ROOT / "requirements-data.txt") | pins
    return "".join(f"{name}=={pin}\n" for name, pin in sorted(pins.items()))


def main() -> None:
    """Makes the environments named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("versions", nargs="*", metavar="VERSION", help=f"of {', '.join(VERSIONS)} (default: all)")
    wanted = parser.parse_args().versions or VERSIONS
    unknown = sorted(set(wanted) - set(VERSIONS))
    if unknown:
        parser.error(f"no pins for datasets {', '.join(unknown)}; there are pins for {', '.join(VERSIONS)}")
    for version in wanted:
        make(version)
        print(f"datasets {version}: {python(version)}")


if __name__ == "__main__":
    main()
