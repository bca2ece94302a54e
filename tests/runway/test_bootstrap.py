"""The installation is made once, and made anew when it is found incomplete. Nothing here needs the network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from config import bootstrap


def install(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Install in a checkout; without a package index there is no uv, so that pip does it."""
    return subprocess.run(
        [sys.executable, checkout / "config" / "bootstrap.py", "requirements.txt"],
        env=os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_installs_once_and_heals_what_was_cut_short(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    shutil.copy(bootstrap.__file__, tmp_path / "config")
    (tmp_path / "requirements.txt").write_text("# nothing\n")

    first = install(tmp_path)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("Installing")
    assert first.stdout.count("\n") == 1
    assert install(tmp_path).stdout == ""

    (tmp_path / ".venv" / "unfinished").touch()
    healed = install(tmp_path)
    assert "incomplete" in healed.stdout
    assert healed.returncode == 0, healed.stderr


def test_an_installation_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    shutil.copy(bootstrap.__file__, tmp_path / "config")
    (tmp_path / "requirements.txt").touch()
    (tmp_path / ".venv").write_text("a file")
    refused = install(tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("mobilize: ")
    assert refused.stderr.count("\n") == 1
