"""Makes .venv and installs a requirements file into it; when that is done already it costs next to nothing.

Runs under the machine's own Python with the standard library alone, before anything is installed:
`python3 config/bootstrap.py requirements.txt [port]`.
"""

from __future__ import annotations  # an old Python comes as far as the sentence that refuses it

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"
OLDEST = (3, 11)


def main(requirements: str, port: str | None = None) -> None:
    """Install a requirements file into .venv.

    Args:
        requirements: its name in the project's folder.
        port: of 127.0.0.1, needed afterwards; a first installation does not begin while it is busy.
    Raises:
        SystemExit: it cannot be done, with one sentence why.
    """
    if sys.version_info < OLDEST:
        raise SystemExit("mobilize: Python 3.11 or newer is needed; name one with `make run PYTHON=python3.11`.")
    if port is not None and not (re.fullmatch("[0-9]{1,5}", port) and 1 <= int(port) <= 65535):
        raise SystemExit(f"mobilize: setting PORT must be a whole number from 1 to 65535, not {port!r}.")
    stamp = VENV / f"{requirements}.json"
    digest = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    try:
        if not _sound():
            if not VENV.exists() and port is not None:
                require_free_port(int(port))
            _make_venv()
        elif stamp.exists() and json.loads(stamp.read_text())["digest"] == digest:
            return
        UNFINISHED.touch()
        _install(requirements)
        stamp.write_text(json.dumps({"digest": digest, "packages": sorted(_packages())}))
        UNFINISHED.unlink()
    except OSError as error:
        raise SystemExit(f"mobilize: {error.filename or VENV} cannot be used ({error.strerror or error}).") from None


def require_free_port(port: int) -> None:
    """Do nothing when the port of 127.0.0.1 is free.

    Raises:
        SystemExit: it is not.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise SystemExit(
                f"mobilize: port {port} cannot be used ({error.strerror}); choose another with `make run PORT=9000`."
            ) from None


def _sound() -> bool:
    """Tell whether .venv works and still holds all that was ever installed to its end."""
    if UNFINISHED.exists() or not os.access(PYTHON, os.X_OK):
        return False
    present = _packages()
    try:
        stamps = [json.loads(stamp.read_text()) for stamp in VENV.glob("requirements*.json")]
        complete = all(present >= set(stamp["packages"]) for stamp in stamps)
    except (ValueError, KeyError, TypeError):
        return False
    return complete and _call(PYTHON, "-c", "import pip").returncode == 0


def _packages() -> set:
    """Return the names in the environment's package folder."""
    return {path.name for path in VENV.glob("lib/python3*/site-packages/*") if path.name != "__pycache__"}


def _make_venv() -> None:
    if VENV.exists():
        _say(".venv is incomplete; making it anew ...")
        shutil.rmtree(VENV)
    made = _call(sys.executable, "-m", "venv", VENV)
    if made.returncode:
        output = (made.stdout + made.stderr).strip()
        if "ensurepip" in output or "No module named venv" in output:
            raise SystemExit(
                "mobilize: this Python cannot make virtual environments; install them first"
                " (Debian, Ubuntu: apt-get install python3-venv)."
            )
        raise SystemExit(f"mobilize: .venv cannot be made: {output.splitlines()[-1]}")


def _install(requirements: str) -> None:
    """Install with uv, which is many times faster, else with pip."""
    sys.stdout.write(f"Installing the packages of {requirements} (once; a minute at most on most lines) ")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    if _call(*pip, "install", "--quiet", "uv").returncode == 0:
        uv = [
            str(VENV / "bin" / "uv"),
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            # Where Python keeps no bytecode by itself, every process would compile all packages anew: seconds each.
            *(["--compile-bytecode"] if sys.dont_write_bytecode else []),
            "--python",
            str(PYTHON),
            "-r",
            requirements,
        ]
        if _watched(uv, _uv_environment(pip)) == 0:
            return
        _say("uv could not install them; trying pip ...")
    if _watched([*pip, "install", "--quiet", "--requirement", requirements], dict(os.environ)):
        raise SystemExit(f"mobilize: the packages of {requirements} could not be installed; pip says above why.")


def _watched(command: list, environment: dict) -> int:
    """Run a command that may take a while, a dot every second; return its exit code."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    while True:
        sys.stdout.write(".")
        sys.stdout.flush()
        try:
            code = process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            continue
        _say("")
        return code


def _uv_environment(pip: list) -> dict:
    """Return the environment with pip's index and certificates for uv, which does not read pip's configuration."""
    environment = dict(os.environ)
    if any(name.startswith("UV_") for name in environment):
        return environment
    lines = _call(*pip, "config", "list").stdout.splitlines()
    pairs = (line.partition("=") for line in sorted(lines, key=lambda line: line.startswith(":env:")))
    configured = {name.rpartition(".")[2]: value.strip("'") for name, _, value in pairs}
    if "index-url" in configured:
        environment["UV_DEFAULT_INDEX"] = configured["index-url"]
    if "cert" in configured:
        environment.setdefault("SSL_CERT_FILE", configured["cert"])
    return environment


def _call(*command: object) -> subprocess.CompletedProcess:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        raise SystemExit(130) from None
