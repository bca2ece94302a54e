"""What `make` hands to the commands behind it. Nothing here installs anything."""

import subprocess

import pytest

from config.embedded import lifetime


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=lifetime.ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("port", ["80 00", "", "80;00", "8000x", "$$(id)", "80'00"])
def test_an_odd_port_is_told_in_one_sentence(port: str) -> None:
    refused = make("run", f"PORT={port}")
    assert refused.returncode == 2
    first, *rest = refused.stderr.splitlines()
    assert first.startswith("mobilize: setting PORT must be a whole number")
    assert len(rest) == 1  # make's own last line
